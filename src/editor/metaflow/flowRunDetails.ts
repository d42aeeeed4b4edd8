import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";
import type { CommandTable } from "../base/commands.ts";
import { shownDocument, showReport } from "../base/shownText.ts";
import { readContents, requireLocalRuns } from "./flowRunAccess.ts";
import type { FlowRunNode } from "./flowRunRows.ts";

export const PICKED_RUNS = 50;

/** The commands that look at what ran: each takes a row of the "Flow Runs" view, or asks. */
export const flowRunDetailCommands: CommandTable = { showFlowRuns, compareFlowRuns, openFlowLog, openFlowCard };

export async function pickRun(runs: readonly FlowRun[], title: string): Promise<FlowRun | undefined> {
  const { describeFlowRun } = await import("../../core/training/renderFlowRuns.ts");
  const { formatLocalTime } = await import("../../core/base/localTime.ts");
  const now = new Date();
  const rows = runs.map((run) => ({
    label: run.id,
    description: describeFlowRun(run, now.getTime()),
    detail: `${run.flow}, started ${formatLocalTime(new Date(run.createdAt).toISOString(), now)} by ${run.user}`,
    run,
  }));
  return (await vscode.window.showQuickPick(rows, { title, matchOnDescription: true, matchOnDetail: true }))?.run;
}

/** "Trainyard: Show Runs of Metaflow Flows…": one of them with its steps, parameters and artifacts. */
async function showFlowRuns(target: unknown): Promise<void> {
  const chosen = await chooseRun(target, "Show which run?");
  if (chosen) {
    const { renderFlowRun } = await import("../../core/training/renderFlowRuns.ts");
    const contents = await readContents(chosen.run, chosen.root);
    const text = renderFlowRun(chosen.run, { ...contents, now: new Date() });
    await showReport(`Run ${chosen.run.flow} ${chosen.run.id}`, text);
  }
}

type ChosenRun = { run: FlowRun; root: string };

/** The run of a row, else the one that is picked. */
async function chooseRun(target: unknown, title: string): Promise<ChosenRun | undefined> {
  const row = rowOf(target);
  if (row) {
    return row;
  }
  const { runs, root } = await requireLocalRuns(undefined, { count: PICKED_RUNS });
  const run = await pickRun(runs, title);
  return run && { run, root };
}

function rowOf(target: unknown): ChosenRun | undefined {
  const node = nodeOf(target);
  return node && "run" in node ? node : undefined;
}

/** The rows of our own view are the only objects with a kind that these commands are called on. */
function nodeOf(target: unknown): FlowRunNode | undefined {
  return typeof target === "object" && target !== null && "kind" in target
    ? // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
      (target as FlowRunNode)
    : undefined;
}

/** "Trainyard: Compare Metaflow Runs…": two rows that are selected, else two runs of a flow that are picked. */
async function compareFlowRuns(target: unknown, selected: unknown): Promise<void> {
  const rows = Array.isArray(selected) ? selected.flatMap((each) => rowOf(each) ?? []) : [];
  const first = rows[0] ?? (await chooseRun(target, "Compare which run?"));
  const second = rows[1] ?? (first && (await chooseOther(first)));
  if (first && second) {
    const { renderPair } = await import("./compareFlowRuns.ts");
    const title = `Runs ${first.run.id} and ${second.run.id}`;
    await showReport(title, await renderPair([first.run, second.run], first.root));
  }
}

async function chooseOther({ run, root }: ChosenRun): Promise<ChosenRun | undefined> {
  const { listRunNames, readRuns } = await import("../../node/metaflow/runs/localDatastore.ts");
  const runs = await readRuns(root, await listRunNames(root, { flow: run.flow, count: PICKED_RUNS }));
  const others = runs.filter(({ id }) => id !== run.id);
  if (others.length === 0) {
    throw new UserError(`${run.flow} has one run, and a comparison takes two. Run it again with other parameters.`);
  }
  const other = await pickRun(others, `Compare ${run.id} with which run?`);
  return other && { run: other, root };
}

/** A row of a task: what it printed. */
async function openFlowLog(target: unknown): Promise<void> {
  const row = nodeOf(target);
  if (row?.kind !== "log" && row?.kind !== "task") {
    throw new UserError("Open the log of a task in the Flow Runs view.");
  }
  const { task } = row;
  const { readTaskLog } = await import("../../node/metaflow/runs/taskLog.ts");
  const text = await readTaskLog(row.root, row.run, task);
  const isOver = task.state !== "running";
  const nothing = isOver
    ? "This task printed nothing.\n"
    : "Metaflow writes the log of a task when it has ended. What a run prints meanwhile is in its terminal.\n";
  const name = `${row.run.flow} ${row.run.id} ${task.step} ${task.id}.log`;
  await vscode.window.showTextDocument(shownDocument(name, text === "" ? nothing : `${text}\n`), { preview: true });
}

/** "Trainyard: Open Metaflow Card…": that of a row, else of a run that is picked. */
async function openFlowCard(target: unknown): Promise<void> {
  const { cardsOf, chooseCard, openCard } = await import("./flowCards.ts");
  const row = nodeOf(target);
  if (row?.kind === "card") {
    await openCard(row.card);
    return;
  }
  const chosen = await chooseRun(target, "Open a card of which run?");
  const card = chosen && (await chooseCard(await cardsOf(chosen.root, chosen.run), chosen.run.id));
  if (card) {
    await openCard(card);
  }
}
