import * as path from "node:path";
import type { Evaluation } from "../../core/training/evaluation/evaluateRun.ts";
import type { ChosenCheckpoint } from "../../core/training/evaluation/renderEvaluation.ts";
import { locateLogLine } from "../../core/training/logParts.ts";
import type { Run } from "../../core/training/runRecord.ts";
import type { RunLogReading } from "../../node/training/readRunLog.ts";
import { displayPath } from "../base/workspace.ts";
import { checkpointToGoOnFrom, type RunCheckpoint } from "./runCheckpoint.ts";

export type RunEvaluation = {
  evaluation: Evaluation;
  log: RunLogReading;
  checkpoint: { found: RunCheckpoint; chosen: ChosenCheckpoint } | undefined;
  /** The file that the numbers were read from, and the line of the best one from zero, where it is still there. */
  source: { path: string; line?: number };
};

/** Judges a run by its table of epochs, else by its log, beside the run of the same script before it. */
export async function evaluate(run: Run, runs: readonly Run[], signal: AbortSignal): Promise<RunEvaluation> {
  const { evaluateRun } = await import("../../core/training/evaluation/evaluateRun.ts");
  const { readRunLog } = await import("../../node/training/readRunLog.ts");
  const { findCurveTable } = await import("../../node/training/findCurveTable.ts");
  const { runFiles } = await import("../../node/training/runFolder.ts");
  const { record, status } = run;
  const log = await readRunLog(run.folder, signal);
  const since = Date.parse(status.startedAt ?? record.createdAt);
  const table = record.plan.logFolder && (await findCurveTable(record.plan.logFolder.path, since));
  // A table that a later run of the same folder wrote is not this run's.
  const isNewest = runs.find((each) => each.record.plan.script === record.plan.script)?.record.id === record.id;
  const own = table && isNewest ? table : { path: runFiles(run.folder).log, ...log };
  const earlier = runs.find(
    (each) =>
      each.record.plan.script === record.plan.script &&
      each.record.createdAt < record.createdAt &&
      each.state === "finished",
  );
  const before = earlier && {
    runId: earlier.record.id,
    curves: (await readRunLog(earlier.folder, signal)).curves,
  };
  const found = await checkpointToGoOnFrom(run);
  const evaluation = evaluateRun({ ...own, path: displayPath(own.path) }, before);
  return {
    evaluation,
    log,
    checkpoint: found && { found, chosen: choose(found) },
    source: placeOf(evaluation, own.path),
  };
}

/** Where the best value stands. */
function placeOf({ deciding, log }: Evaluation, file: string): RunEvaluation["source"] {
  const line = deciding?.best?.line;
  if (line === undefined) {
    return { path: file };
  }
  if (log === undefined) {
    return { path: file, line: line - 1 };
  }
  const place = locateLogLine(line, log);
  return place === undefined
    ? { path: file }
    : { path: path.join(path.dirname(file), place.file), line: place.line - 1 };
}

function choose({ entry, best }: RunCheckpoint): ChosenCheckpoint {
  const { epoch, step } = entry.summary;
  return {
    path: displayPath(entry.path),
    ...(epoch === undefined ? {} : { epoch }),
    ...(step === undefined ? {} : { step }),
    ...(best ? { metric: { name: best.metric, value: best.value } } : {}),
  };
}
