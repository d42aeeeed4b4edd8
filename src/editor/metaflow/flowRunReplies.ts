import * as vscode from "vscode";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { answerCompare } from "./compareFlowRuns.ts";
import { findFlows } from "./findFlows.ts";
import { askedFlow, type LocalRuns, readContents, requireLocalRuns } from "./flowRunAccess.ts";

const LISTED_RUNS = 15;

/** What `@metaflow-agent` answers about runs of flows, read from the local datastore. */
export const flowRunSlashCommands: readonly SlashCommand[] = [
  {
    participant: "metaflow-agent",
    name: "runs",
    description: "list the runs of flows, or show the steps and tasks of one",
    followedBy: ["docs-agent", "mlops-engineer"],
    answer: answerRuns,
  },
  {
    participant: "metaflow-agent",
    name: "compare",
    description: "compare two runs: parameters, artifacts and the time of each step",
    offersHandoffs: false,
    answer: answerCompare,
  },
  {
    participant: "metaflow-agent",
    name: "results",
    description: "show the artifacts of a run: the newest that succeeded, or the one that is named",
    followedBy: ["docs-agent", "mlops-engineer"],
    answer: answerResults,
  },
  {
    participant: "metaflow-agent",
    name: "resume",
    description: "go on from a run that failed, with what it had finished",
    offersHandoffs: false,
    answer: answerResume,
  },
];

/** The newest runs; where the words name a flow, of that one alone. */
async function findRuns(prompt: string): Promise<LocalRuns> {
  const found = await requireLocalRuns(undefined, { count: LISTED_RUNS });
  const flow = await askedFlow(prompt, found.runs);
  return flow === undefined ? found : requireLocalRuns(undefined, { flow, count: LISTED_RUNS });
}

async function answerRuns({ prompt }: SlashRequest): Promise<Reply> {
  const found = await findRuns(prompt);
  const run = namedRun(found.runs, prompt);
  if (run || namesRun(prompt)) {
    return run ? showRun(run, found) : unknownRun(prompt);
  }
  const { renderFlowRunList } = await import("../../core/training/renderFlowRuns.ts");
  return {
    markdown: renderFlowRunList(found.runs, new Date()),
    followups: [
      ...found.runs.slice(0, 3).map(({ id }) => ({ label: `Show ${id}`, command: "runs", prompt: id })),
      ...(hasPair(found.runs) ? [{ label: "Compare the newest two", command: "compare", prompt: "" }] : []),
    ],
  };
}

function hasPair([newest, ...older]: readonly FlowRun[]): boolean {
  return older.some(({ flow }) => flow === newest?.flow);
}

async function answerResults({ prompt }: SlashRequest): Promise<Reply> {
  const found = await findRuns(prompt);
  const named = namedRun(found.runs, prompt);
  if (!named && namesRun(prompt)) {
    return unknownRun(prompt);
  }
  const run = named ?? found.runs.find(({ state }) => state === "done") ?? found.runs[0];
  return run ? showRun(run, found) : unknownRun(prompt);
}

async function answerResume({ prompt }: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const found = await findRuns(prompt);
  const run =
    namedRun(found.runs, prompt) ??
    (namesRun(prompt) ? undefined : found.runs.find(({ state }) => state === "failed" || state === "gone"));
  if (!run) {
    return namesRun(prompt)
      ? unknownRun(prompt)
      : {
          markdown: `No run${ofOneFlow(found)} failed or was killed, so there is nothing to resume. \`/runs\` lists them.`,
          offersHandoffs: false,
        };
  }
  const script = await scriptOf(run, signal);
  const { renderFlowRunList } = await import("../../core/training/renderFlowRuns.ts");
  return {
    markdown: `${renderFlowRunList([run], new Date())}\n\nSteps that it finished are taken over; the others run again.`,
    buttons: script === undefined ? [] : [resumeButton(run, script)],
  };
}

function ofOneFlow({ runs }: LocalRuns): string {
  const [flow, ...others] = new Set(runs.map((run) => run.flow));
  return flow === undefined || others.length > 0 ? "" : ` of ${flow}`;
}

function resumeButton({ id }: FlowRun, script: string): NonNullable<Reply["buttons"]>[number] {
  return {
    title: "Resume…",
    command: "trainyard.planRun",
    arguments: [{ script, arguments: ["--no-pylint", "resume", "--origin-run-id", id] }],
  };
}

async function showRun(run: FlowRun, { root }: LocalRuns): Promise<Reply> {
  const { renderFlowRun } = await import("../../core/training/renderFlowRuns.ts");
  const contents = await readContents(run, root);
  const script = await scriptOf(run, new AbortController().signal);
  const canResume = run.state === "failed" || run.state === "gone";
  const graph = script && `${vscode.Uri.file(script).toString()}#${run.flow}`;
  return {
    markdown: renderFlowRun(run, { ...contents, now: new Date() }),
    buttons: [
      ...(canResume && script !== undefined ? [resumeButton(run, script)] : []),
      ...(graph === undefined ? [] : [{ title: "Show Graph", command: "trainyard.showFlowGraph", arguments: [graph] }]),
    ],
  };
}

/** The file of the workspace that defines the flow of a run. */
async function scriptOf({ flow }: FlowRun, signal: AbortSignal): Promise<string | undefined> {
  const folder = await chooseWorkspaceFolder();
  const { readSource } = await import("../../node/base/readSource.ts");
  for (const file of await findFlows(folder, signal)) {
    const text = (await readSource(file)) ?? "";
    if (new RegExp(`^class\\s+${flow}\\b`, "m").test(text)) {
      return file;
    }
  }
  return undefined;
}

function namedRun(runs: readonly FlowRun[], text: string): FlowRun | undefined {
  const words = text.split(/[\s/]+/);
  return runs.find(({ id }) => words.includes(id)) ?? (words.includes("latest") ? runs[0] : undefined);
}

function namesRun(text: string): boolean {
  return /\b\d{4,}\b/.test(text);
}

function unknownRun(prompt: string): Reply {
  const id = /\b\d{4,}\b/.exec(prompt)?.[0] ?? "of that name";
  return {
    markdown: `The local datastore has no run ${id} among its newest ${LISTED_RUNS}. \`/runs\` lists them.`,
    offersHandoffs: false,
  };
}
