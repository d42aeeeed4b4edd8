import * as vscode from "vscode";
import { escapeSentence } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import { namedRun, namesRun } from "../../core/training/namedRun.ts";
import type { EarlierRun } from "../../core/training/runAgain.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { endedBadly, hasEnded } from "../../core/training/runState.ts";
import type { StartArguments } from "../../core/training/startArguments.ts";
import { chooseWorkspaceFolder } from "../base/workspace.ts";
import { diagnoseSlashCommand } from "./diagnosis.ts";
import type { RunMonitor } from "./runMonitor.ts";
import { isContended, type PlannedTraining, planFromText, WHEN_GPU_IS_FREE } from "./startTraining.ts";
import { stopSlashCommand } from "./stopReplies.ts";

/** Lines of output that a report in the chat shows. */
const REPORT_TAIL_LINES = 12;

/** What the agents answer about training, without any model. */
export function trainingSlashCommands(monitor: RunMonitor): SlashCommand[] {
  return [
    {
      participant: "ml-trainer",
      name: "train",
      description: "show what will run, then start it when you agree",
      offersHandoffs: false,
      answer: (request, signal) => answerWithPlan("training", request, { monitor, signal }),
    },
    {
      participant: "metaflow-agent",
      name: "run",
      description: "plan a run of a flow and start it when you agree",
      offersHandoffs: false,
      answer: (request, signal) => answerWithPlan("flow", request, { monitor, signal }),
    },
    {
      participant: "ml-trainer",
      name: "runs",
      description: "list runs, or report on one",
      followedBy: ["eval-agent", "mlops-engineer"],
      answer: (request) => answerRuns(monitor, request),
    },
    stopSlashCommand(monitor),
    diagnoseSlashCommand(monitor),
    {
      participant: "ml-trainer",
      name: "gpus",
      description: "show GPUs and what uses them",
      offersHandoffs: false,
      answer: (_request, signal) => answerGpus(signal),
    },
    {
      participant: "mlops-engineer",
      name: "receipt",
      description: "show exactly what a run ran",
      answer: (request) => answerReceipt(monitor, request),
    },
  ];
}

async function answerWithPlan(
  kind: "training" | "flow",
  request: SlashRequest,
  { monitor, signal }: { monitor: RunMonitor; signal: AbortSignal },
): Promise<Reply> {
  const folder = await chooseWorkspaceFolder();
  const { takeWaitWords } = await import("../../core/training/waitWords.ts");
  const { NOTHING_STARTS, takeHoldWords } = await import("../../core/training/holdWords.ts");
  await monitor.refresh();
  const { runs } = monitor.known;
  const { text, isHeld } = takeHoldWords(request.prompt);
  const said = takeWaitWords(text, (word) => namedRun(runs, word) !== undefined);
  const after = said.after === undefined ? undefined : runToWaitFor(runs, said.after)?.record.id;
  const { asksFromScratch, asksToRepeat, describeTakenOver, findEarlierRun } = await import(
    "../../core/training/runAgain.ts"
  );
  let earlier: EarlierRun | undefined;
  const { planned, notes, isMistaken, presetProblems } = await planFromText(kind, said.text, {
    folder,
    signal,
    ...(asksToRepeat(said.text) ? scriptsToRepeat(kind, runs, said.text) : {}),
    earlier(script) {
      const isFromScratch = asksFromScratch(request.prompt);
      earlier =
        kind === "training" && asksToRepeat(said.text) ? findEarlierRun(runs, script, { isFromScratch }) : undefined;
      return earlier?.words ?? [];
    },
    ...(said.isForFreeGpu ? { device: "free" } : {}),
    // The tasks of a flow may need none.
    isAfterRun: after !== undefined && kind === "training",
  });
  const { renderArgumentList, renderPlanMarkdown } = await import("../../core/training/renderPlan.ts");
  const { describeWait, waitOf } = await import("../../core/training/runWait.ts");
  const condition = describeWait(waitOf(planned.plan, after));
  const warnings = [...notes, ...presetProblems].map((note) => `> ⚠️ ${escapeSentence(note)}`);
  const plan = renderPlanMarkdown(planned.plan, folder.uri.fsPath);
  const above = [...warnings, ...(earlier === undefined ? [] : [describeTakenOver(earlier)])];
  const markdown = isHeld
    ? [NOTHING_STARTS, ...above, plan, renderArgumentList(planned.plan)]
    : [...above, plan, escapeSentence(condition)];
  const shown = { hasNotes: notes.length > 0, isMistaken, isQueued: condition !== "" };
  return {
    markdown: markdown.filter((part) => part !== "").join("\n\n"),
    references: [{ path: planned.plan.script }],
    ...(isHeld ? { isProposal: true } : { buttons: await planButtons({ ...planned, after }, shown) }),
  };
}

/** "Rerun gan" means what a run of that name ran, and "run it again" what ran last. */
function scriptsToRepeat(
  kind: "training" | "flow",
  runs: readonly Run[],
  text: string,
): { preferred: string[]; repeated: string | undefined } {
  const own = runs.filter(({ record }) => record.plan.kind === kind);
  return { preferred: runs.map(({ record }) => record.plan.script), repeated: namedRun(own, text)?.record.plan.script };
}

/** Of several that are called so, one that goes on is meant. */
function runToWaitFor(runs: readonly Run[], named: string): Run | undefined {
  return namedRun(runs, named, isLive);
}

function isLive({ state }: Run): boolean {
  return !hasEnded(state);
}

type Shown = { hasNotes: boolean; isMistaken: boolean; isQueued: boolean };

async function planButtons(
  { plan, request, folder, after }: PlannedTraining,
  { hasNotes, isMistaken, isQueued }: Shown,
): Promise<NonNullable<Reply["buttons"]>> {
  const { planDigest } = await import("../../core/training/renderPlan.ts");
  const shown: StartArguments = {
    request: { ...request, script: plan.script },
    folderUri: folder.uri.toString(),
    digest: planDigest(plan),
    ...(after === undefined ? {} : { after }),
    shownAt: new Date().toISOString(),
  };
  const plain = isQueued ? "Queue" : plan.warnings.length > 0 ? "Start Anyway" : "Start";
  const start = { title: hasNotes ? "Start Without It" : plain, command: "trainyard.startShownPlan" };
  return [
    // Somebody who mistyped a value wants another one, and not the default.
    ...(isMistaken ? [] : [{ ...start, arguments: [shown] }]),
    // What would run then is another plan, so it is shown before it is queued.
    ...(isContended(plan)
      ? [
          {
            title: WHEN_GPU_IS_FREE,
            command: "trainyard.planRun",
            arguments: [{ ...shown.request, device: "free" }, after],
          },
        ]
      : []),
    { title: "Edit Arguments…", command: "trainyard.editShownPlan", arguments: [shown] },
    // A launch that only takes the defaults needs no name.
    ...(request.command !== undefined ||
    isMistaken ||
    hasNotes ||
    !plan.arguments.some(({ source }) => source === "given")
      ? []
      : [{ title: "Save as Preset…", command: "trainyard.savePreset", arguments: [shown] }]),
  ];
}

async function answerRuns(monitor: RunMonitor, { prompt }: SlashRequest): Promise<Reply> {
  await monitor.refresh();
  const { runs } = monitor.known;
  const { renderRunList, renderRunReport } = await import("../../core/training/renderRuns.ts");
  const { asksForBest, asksForFailed, asksForLog, asksHowItGoes, renderBestRun, renderLogPlaces, runInQuestion } =
    await import("../../core/training/runQuestions.ts");
  const { nameRun } = await import("../../core/training/describeLaunch.ts");
  const isAboutLog = asksForLog(prompt);
  const asksForSeveral = /\bruns\b/i.test(prompt) && !namesRun(prompt);
  const named = asksForSeveral ? undefined : namedRun(runs, prompt, asksForFailed(prompt) ? endedBadly : isLive);
  const run = named ?? (namesRun(prompt) ? undefined : runInQuestion(prompt, runs));
  if (run) {
    const { readLogLines } = await import("../../node/training/readLogLines.ts");
    const { describeNamesakes } = await import("../../core/training/namesakes.ts");
    const now = new Date();
    const which = describeNamesakes(run, runs, now) ?? "";
    const report = renderRunReport(run, await readLogLines(run.folder, REPORT_TAIL_LINES), now);
    const parts = [which, report, isAboutLog ? renderLogPlaces(run) : ""];
    return {
      markdown: parts.filter((part) => part !== "").join("\n\n"),
      buttons: buttonsFor(run),
      // What goes on has no result yet to hand over, and what failed is mended first.
      ...(hasEnded(run.state) && run.state !== "failed" ? {} : { offersHandoffs: false }),
      ...(endedBadly(run)
        ? { followups: [{ label: "What went wrong?", command: "diagnose", prompt: run.record.id }] }
        : {}),
    };
  }
  if (runs.length === 0) {
    return {
      markdown: "There are no runs in this workspace yet. Start one with `/train`.",
      offersHandoffs: false,
      followups: [{ label: "Train", command: "train", prompt: "" }],
    };
  }
  if (asksForFailed(prompt)) {
    return answerFailedRuns(runs, prompt);
  }
  const isIdle = runs.every(({ state }) => hasEnded(state));
  const lead = asksForBest(prompt)
    ? `${renderBestRun(runs)}\n\n`
    : isIdle && asksHowItGoes(prompt)
      ? "No run is going on in this workspace.\n\n"
      : "";
  return {
    markdown: lead + renderRunList(runs, new Date()),
    followups: runs.slice(0, 3).map((listed) => ({
      label: `Report on ${nameRun(listed, new Date())}`,
      command: "runs",
      prompt: listed.record.id,
    })),
  };
}

/** More would bury the list. */
const MAX_OFFERED_RUNS = 3;

async function answerFailedRuns(runs: readonly Run[], prompt: string): Promise<Reply> {
  const { renderFailedRuns } = await import("../../core/training/runQuestions.ts");
  const { asksToRepeat } = await import("../../core/training/runAgain.ts");
  const { runTabName } = await import("../../core/training/runId.ts");
  const failed = runs.filter(endedBadly);
  const offered = failed.slice(0, MAX_OFFERED_RUNS);
  const nameOf = ({ record: { id, plan } }: Run) =>
    offered.filter(({ record }) => record.plan.title === plan.title).length === 1 ? plan.title : runTabName(id);
  const asksAgain = asksToRepeat(prompt);
  return {
    markdown: renderFailedRuns(failed, { among: runs.length, asksAgain, now: new Date() }),
    offersHandoffs: false,
    buttons: offered.flatMap((run) => [
      { title: `Start ${nameOf(run)} Again…`, command: "trainyard.reproduceRun", arguments: [run.record.id] },
      ...(asksAgain
        ? []
        : [{ title: `Diagnose ${nameOf(run)}`, command: "trainyard.diagnoseRun", arguments: [run.record.id] }]),
    ]),
  };
}

function buttonsFor(run: Run): NonNullable<Reply["buttons"]> {
  const id = run.record.id;
  return [
    ...(!hasEnded(run.state) ? [{ title: "Stop", command: "trainyard.stopRun", arguments: [id] }] : []),
    { title: "Show Output", command: "trainyard.showRunOutput", arguments: [id] },
    { title: "Open Log", command: "trainyard.openRunLog", arguments: [id] },
  ];
}

async function answerGpus(signal: AbortSignal): Promise<Reply> {
  return { markdown: await describeGpus(signal) };
}

/** The GPUs of this machine with the runs that hold them, as Markdown. */
export async function describeGpus(signal: AbortSignal): Promise<string> {
  const { listGpuLeases } = await import("../../node/training/gpuLease.ts");
  const { queryGpus } = await import("../../node/training/gpuQuery.ts");
  const { userLeases } = await import("../../node/training/runLeases.ts");
  const { renderGpus } = await import("../../core/training/renderGpus.ts");
  const { folder, isAlive } = userLeases();
  const found = await Promise.all([queryGpus({ environment: process.env, signal }), listGpuLeases(folder, isAlive)]);
  return renderGpus(...found);
}

async function answerReceipt(monitor: RunMonitor, { prompt }: SlashRequest): Promise<Reply> {
  await monitor.refresh();
  const run = namedRun(monitor.known.runs, prompt) ?? (namesRun(prompt) ? undefined : monitor.known.runs[0]);
  if (!run) {
    return {
      offersHandoffs: false,
      markdown: namesRun(prompt)
        ? "There is no such run. `@ml-trainer /runs` lists them."
        : "There are no runs in this workspace yet, so there is no receipt to show.",
    };
  }
  const { renderReceipt } = await import("../../core/training/renderRuns.ts");
  return {
    markdown: renderReceipt(run),
    references: [{ path: vscode.Uri.joinPath(vscode.Uri.file(run.folder), "run.json").fsPath }],
    buttons: [
      { title: "Reproduce Run…", command: "trainyard.reproduceRun", arguments: [run.record.id] },
      { title: "Compare Receipts…", command: "trainyard.compareReceipts", arguments: [run.record.id] },
    ],
  };
}
