import { isAbsolute, relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { describeLastWords, whyNotStarted } from "../../core/training/describeFailure.ts";
import { type Diagnosis, diagnoseFailure } from "../../core/training/diagnosis/diagnoseFailure.ts";
import { adviseOn } from "../../core/training/diagnosis/failureAdvice.ts";
import { type Fix, proposeFix, type ResumePoint } from "../../core/training/diagnosis/proposeFix.ts";
import type { DiagnosedRun } from "../../core/training/diagnosis/renderDiagnosis.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { lastWriteMs } from "../../core/training/runWindow.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "../../core/training/scriptArguments.ts";
import { activeAlarms, describeLoggedProof } from "../../core/training/watchdog/alarm.ts";
import { listLogParts } from "../base/logFiles.ts";
import { type LogEnding, readLogEnding } from "./logEnding.ts";
import { readScript } from "./planLaunch.ts";
import { runFiles } from "./runFolder.ts";

/** Finds the newest whole checkpoint that was written in a folder between two moments. */
export type FindResumePoint = (
  folder: string,
  between: { sinceMs: number; untilMs: number },
) => Promise<ResumePoint | undefined>;

/** Why a run ended badly and what would repair it; undefined for a run that goes on or ended well. Reads only. */
export async function diagnoseRun(run: Run, findResumePoint: FindResumePoint): Promise<DiagnosedRun | undefined> {
  if (run.state === "stopped") {
    const diagnosis = diagnoseStop(run);
    const fix = diagnosis && (await findFix(run, { diagnosis, ending: NO_LINES }, findResumePoint));
    return diagnosis && { diagnosis, fix, ...partsOf(run.status) };
  }
  const isLost = run.state === "lost" && run.status.startedAt !== undefined;
  if (run.state !== "failed" && run.state !== "finished" && !isLost) {
    return undefined;
  }
  if (run.state === "failed" && run.status.startedAt === undefined) {
    return { diagnosis: { ...DID_NOT_START, advice: whyNotStarted(run.status) } };
  }
  const { log } = runFiles(run.folder);
  const hasLog = (await listLogParts(log)).length > 0;
  const ending: LogEnding = hasLog ? await readLogEnding(log) : NO_LINES;
  const { exitCode, signal, memoryKills } = run.status;
  const found = diagnoseFailure(textsOf(ending), {
    exitCode,
    signal,
    memoryKills,
    hasFailed: isLost,
    firstLine: ending.firstLine,
    interpreterPath: run.record.plan.interpreter.path,
  });
  const diagnosis = found && withLastWords(found, run);
  return (
    diagnosis && { diagnosis, fix: await findFix(run, { diagnosis, ending }, findResumePoint), ...partsOf(ending) }
  );
}

/** Where nothing explains the end, the person is told at least what was said last. */
function withLastWords(diagnosis: Diagnosis, { state, status }: Run): Diagnosis {
  const isUnexplained = state === "failed" && diagnosis.cause === "unknown" && diagnosis.evidence.length === 0;
  return isUnexplained ? { ...diagnosis, advice: describeLastWords(status) } : diagnosis;
}

const DID_NOT_START: Omit<Diagnosis, "advice"> = { cause: "unknown", title: "Did not start", evidence: [] };

const NO_LINES: LogEnding = { firstLine: 1, lines: [] };

/** A person stops a run for what the watchdog said about it. */
function diagnoseStop({ status }: Run): Diagnosis | undefined {
  const alarm = activeAlarms(status.alarms).find(({ kind }) => kind === "not-a-number" || kind === "stall");
  if (alarm === undefined) {
    return undefined;
  }
  const cause = alarm.kind === "stall" ? "interrupted" : "nan-loss";
  const logged = describeLoggedProof(alarm);
  return {
    cause,
    title: alarm.message.replace(/\.$/, "") + (logged === undefined ? "" : ` (${logged})`),
    evidence: alarm.evidence === undefined ? [] : [alarm.evidence],
    advice: adviseOn(cause, { text: alarm.evidence?.text ?? "" }),
  };
}

/** Why the training ended badly whose output lies in a file; undefined where nothing says that it did. */
export async function diagnoseLog(path: string): Promise<DiagnosedRun | undefined> {
  const ending = await readLogEnding(path);
  const diagnosis = diagnoseFailure(textsOf(ending), { firstLine: ending.firstLine });
  return diagnosis && { diagnosis, ...partsOf(ending) };
}

function partsOf({ log }: { log?: DiagnosedRun["log"] }): Pick<DiagnosedRun, "log"> {
  return log === undefined ? {} : { log };
}

function textsOf({ lines }: LogEnding): string[] {
  return lines.map(({ text }) => text);
}

async function findFix(
  { record, status }: Run,
  { diagnosis, ending }: { diagnosis: Diagnosis; ending: LogEnding },
  findResumePoint: FindResumePoint,
): Promise<Fix | undefined> {
  const { plan } = record;
  const folder = plan.checkpointFolder?.path;
  const sinceMs = Date.parse(status.startedAt ?? record.createdAt);
  // Weights that were saved after the loss broke are broken too.
  const broken = status.alarms?.find(({ kind }) => kind === "not-a-number")?.raisedAt;
  const brokenMs = broken === undefined ? timeOfProof(diagnosis, ending) : Date.parse(broken);
  // What was saved after the end of the run is a later run's.
  const untilMs = Math.min(
    lastWriteMs({ status }),
    diagnosis.cause === "nan-loss" ? brokenMs : Number.POSITIVE_INFINITY,
  );
  const found = folder === undefined ? undefined : await findResumePoint(folder, { sinceMs, untilMs });
  return proposeFix({
    diagnosis,
    plan,
    script: await argumentsOf(plan.script, plan.cwd),
    resumeFrom: found && { ...found, path: shortPath(plan.cwd, found.path) },
  });
}

function timeOfProof({ evidence: [proof] }: Diagnosis, { firstLine, lines }: LogEnding): number {
  const time = proof === undefined ? undefined : lines[proof.line - firstLine]?.time;
  return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);
}

/** What the script declares; nothing where it cannot be read any more, and then less can be repaired. */
async function argumentsOf(script: string, workspaceFolder: string): Promise<ScriptArguments> {
  try {
    return (await readScript(script, { workspaceFolder, environment: process.env })).arguments;
  } catch (error) {
    if (error instanceof UserError) {
      return NO_ARGUMENTS;
    }
    throw error;
  }
}

function shortPath(cwd: string, path: string): string {
  const inside = relative(cwd, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}
