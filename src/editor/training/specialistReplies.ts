import * as path from "node:path";
import type * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { nameWords } from "../../core/base/nameWords.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import type { TrainingAudit } from "../../core/training/audit/trainingAudit.ts";
import { mayHaveValues, namedRun, namesRun, startedFirst } from "../../core/training/namedRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { chooseWorkspaceFolder, resolveInFolder } from "../base/workspace.ts";
import { evaluate } from "./runEvaluation.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** What the specialists of training answer where no language model speaks for them: facts of the workspace, with lines. */
export function specialistSlashCommands(monitor: RunMonitor): SlashCommand[] {
  return [
    {
      participant: "ml-trainer",
      name: "evaluate",
      description: "judge a run: curves, best checkpoint, gap, baseline, and what is missing",
      followedBy: ["eval-agent", "mlops-engineer", "docs-agent"],
      answer: (request, signal) => answerEvaluate(monitor, request, signal),
    },
    {
      participant: "ml-trainer",
      name: "optimize",
      description: "show how fast a training is and which lines cost time",
      followedBy: ["performance-agent", "data-prep"],
      answer: (request, signal) => answerOptimize(monitor, request, signal),
    },
    {
      participant: "ml-trainer",
      name: "data",
      description: "show what a training loads, how it splits it, and what looks like leakage",
      followedBy: ["data-prep", "eval-agent"],
      answer: (request, signal) => answerData(monitor, request, signal),
    },
    {
      participant: "metaflow-agent",
      name: "document",
      description: "write the card of a run and its model from what was recorded",
      followedBy: ["docs-agent", "mlops-engineer"],
      answer: (request, signal) => answerDocument(monitor, request, signal),
    },
  ];
}

async function answerEvaluate(monitor: RunMonitor, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  await chooseWorkspaceFolder();
  const run = await findRun(monitor, request);
  if (!run) {
    return withoutRun("There is no run to evaluate in this workspace yet.");
  }
  const { evaluation, checkpoint, source } = await evaluate(run, monitor.known.runs, signal);
  const { renderEvaluation } = await import("../../core/training/evaluation/renderEvaluation.ts");
  const { nameRun } = await import("../../core/training/describeLaunch.ts");
  return {
    markdown: renderEvaluation(nameRun(run, new Date()), evaluation, checkpoint?.chosen),
    references: [source],
    followups: [
      { label: "Check the data for leakage", command: "data", prompt: "" },
      { label: "List checkpoints", command: "checkpoints", prompt: "" },
    ],
  };
}

async function answerOptimize(monitor: RunMonitor, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const folder = await chooseWorkspaceFolder();
  const script = await findScript(monitor, request, { folder, signal });
  const audits = await audit(script, { folder, signal });
  const run = monitor.known.runs.find(({ record }) => record.plan.script === script);
  const { renderSpeed } = await import("../../core/training/evaluation/renderSpeed.ts");
  return {
    markdown: renderSpeed({
      script: audits[0].label,
      audited: audits,
      advice: audits.flatMap(({ label, speed }) => speed.map((each) => ({ ...each, file: label }))),
      loaders: audits.flatMap(({ label, data }) => data.loaders.map((each) => ({ ...each, file: label }))),
      ...(run ? { measured: await measure(run, signal) } : {}),
    }),
    references: [{ path: script }],
    followups: [{ label: "Show GPUs", command: "gpus", prompt: "" }],
  };
}

async function audit(script: string, { folder, signal }: Search): Promise<[TrainingAudit, ...TrainingAudit[]]> {
  const { auditScript } = await import("../../node/training/auditScript.ts");
  const [main, ...modules] = await auditScript(script, folder.uri.fsPath, signal);
  if (!main) {
    throw new UserError(`${script} cannot be read as a Python file. Name a training script of this workspace.`);
  }
  return [main, ...modules];
}

async function measure(run: Run, signal: AbortSignal) {
  const { readRunLog } = await import("../../node/training/readRunLog.ts");
  const { runFiles } = await import("../../node/training/runFolder.ts");
  const { displayPath } = await import("../base/workspace.ts");
  const { pace, curves, log: parts } = await readRunLog(run.folder, signal);
  const memory = curves.find(({ name }) => /(?:gpu|cuda|max)_?mem/i.test(name));
  return {
    run,
    pace,
    log: displayPath(runFiles(run.folder).log),
    ...(parts ? { parts } : {}),
    ...(memory ? { memoryMetric: { name: memory.name, value: memory.last.value } } : {}),
  };
}

async function answerData(monitor: RunMonitor, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const folder = await chooseWorkspaceFolder();
  const script = await findScript(monitor, request, { folder, signal });
  const audits = await audit(script, { folder, signal });
  const run = monitor.known.runs.find(({ record }) => record.plan.script === script);
  const { renderDataReport, shownSuspicions } = await import("../../core/training/evaluation/renderData.ts");
  const places = shownSuspicions(audits).map(({ file, line }) => ({ path: resolveInFolder(folder, file), line }));
  return {
    markdown: renderDataReport(audits[0].label, { audits, ...(run ? { sizes: await readSizes(run, signal) } : {}) }),
    references: places.length === 0 ? [{ path: script }] : places,
  };
}

async function readSizes(run: Run, signal: AbortSignal) {
  const { readRunLog } = await import("../../node/training/readRunLog.ts");
  const { locateLogLine } = await import("../../core/training/logParts.ts");
  const { displayPath } = await import("../base/workspace.ts");
  const { sizes, log } = await readRunLog(run.folder, signal);
  return sizes.flatMap(({ line, text }) => {
    const place = locateLogLine(line, log);
    return place === undefined
      ? []
      : [{ text, line: place.line, file: displayPath(path.join(run.folder, place.file)) }];
  });
}

async function answerDocument(monitor: RunMonitor, request: SlashRequest, signal: AbortSignal): Promise<Reply> {
  const folder = await chooseWorkspaceFolder();
  const run = await findRun(monitor, request);
  if (!run) {
    return withoutRun("There is no run to document in this workspace yet.");
  }
  const { planRunCard } = await import("./runCardFile.ts");
  const card = await planRunCard(run, { monitor, folder, signal });
  return {
    markdown: card.summary,
    references: [{ path: path.join(run.folder, "run.json") }],
    buttons: [{ title: `Write ${card.relativePath}`, command: "trainyard.documentRun", arguments: [run.record.id] }],
  };
}

function withoutRun(sentence: string): Reply {
  return {
    markdown: `${sentence} Start one with \`@ml-trainer /train\`; its log, metrics and checkpoints are then read from \`.trainyard/runs\`.`,
    offersHandoffs: false,
    followups: [{ label: "Train", command: "train", prompt: "" }],
  };
}

/** The run that the words or the handoff name, else the newest that was started. */
async function findRun(monitor: RunMonitor, { prompt, packet }: SlashRequest): Promise<Run | undefined> {
  await monitor.refresh();
  const runs = startedFirst(monitor.known.runs);
  if (namesRun(prompt)) {
    const named = namedRun(runs, prompt);
    if (!named) {
      throw new UserError("There is no such run in this workspace. `@ml-trainer /runs` lists them.");
    }
    return named;
  }
  return (
    namedRun(runs, prompt, mayHaveValues) ??
    newestOfScript(runs, prompt) ??
    runs.find(({ record }) => record.id === packet?.run?.id) ??
    runs[0]
  );
}

/** `ChurnFlow`, `churn_flow.py` and `flows/churn_flow.py` are one name. */
function stem(word: string): string {
  return nameWords(path.basename(word, ".py")).join("_");
}

/** The newest run of the script or the flow that the words name; of one that never ran there is none, and no other is meant. */
function newestOfScript(runs: readonly Run[], prompt: string): Run | undefined {
  const words = prompt.match(/[\w./-]+/g) ?? [];
  const run = runs.find(({ record }) => words.some((word) => stem(word) === stem(record.plan.title)));
  const missing = words.find((word) => /\w\.py$|^[A-Z]\w*Flow$/.test(word));
  if (!run && missing !== undefined && runs.length > 0) {
    throw new UserError(
      `No run of ${missing} was started from Trainyard here. \`@ml-trainer /runs\` lists those that were.`,
    );
  }
  return run;
}

type Search = { folder: vscode.WorkspaceFolder; signal: AbortSignal };

/** The script that the words, an attachment, the handoff or the name of a run tell, else the best of the workspace, a flow at last. */
async function findScript(
  monitor: RunMonitor,
  { prompt, references, packet }: SlashRequest,
  { folder, signal }: Search,
): Promise<string> {
  const named =
    /[^\s"'`]+\.py\b/.exec(prompt)?.[0] ??
    references.find(({ path: file }) => file.endsWith(".py"))?.path ??
    packet?.files.find(({ path: file }) => file.endsWith(".py"))?.path;
  await monitor.refresh();
  if (named !== undefined) {
    return resolveInFolder(folder, named);
  }
  const ofRun = namedRun(monitor.known.runs, prompt)?.record.plan;
  if (ofRun?.kind === "training") {
    return ofRun.script;
  }
  const { findTrainingScripts } = await import("../../node/training/findScripts.ts");
  const [best] = (await findTrainingScripts(folder.uri.fsPath, signal)).candidates;
  if (!best) {
    throw new UserError(
      `No training script was found in ${folder.name}, so there is no code to read. Create one with Trainyard: New Training Script…, or name the file.`,
    );
  }
  return resolveInFolder(folder, best.path);
}
