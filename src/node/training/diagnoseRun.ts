import { UserError } from "../../core/base/errors.ts";
import type { LossBreak } from "../../core/checkpoints/resumeChoice.ts";
import { whyNotStarted } from "../../core/training/describeFailure.ts";
import type { Diagnosis, EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import { adviseOn, moduleOfText } from "../../core/training/diagnosis/failureAdvice.ts";
import { type Fix, proposeFix, type ResumePoint } from "../../core/training/diagnosis/proposeFix.ts";
import type { DiagnosedRun } from "../../core/training/diagnosis/renderDiagnosis.ts";
import { readFlowProgress } from "../../core/training/flowResume.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { lossBreakOfAlarms, lossBreakOfLine } from "../../core/training/resume/lossBreak.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { lastWriteMs } from "../../core/training/runWindow.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "../../core/training/scriptArguments.ts";
import { activeAlarms, describeLoggedProof } from "../../core/training/watchdog/alarm.ts";
import { listLogParts } from "../base/logFiles.ts";
import { shortPath } from "../base/shortPath.ts";
import { diagnoseInPieces } from "./diagnoseInPieces.ts";
import { findPythonWith } from "./environmentBeside.ts";
import { explainEnd } from "./explainEnd.ts";
import { type LogEnding, readLogEnding } from "./logEnding.ts";
import { findOwnModule } from "./ownModule.ts";
import { readScript } from "./planLaunch.ts";
import { runFiles, workspaceOfRun } from "./runFolder.ts";

/** Finds the checkpoint to go on from that was written in a folder between two moments and before the loss broke. */
export type FindResumePoint = (
  folder: string,
  among: { sinceMs: number; untilMs: number; lossBreak?: LossBreak | undefined },
) => Promise<ResumePoint | undefined>;

/** Why a run ended badly and what would repair it; undefined for a run that goes on or ended well. Reads only. */
export async function diagnoseRun(run: Run, findResumePoint: FindResumePoint): Promise<DiagnosedRun | undefined> {
  if (run.state === "stopped") {
    const diagnosis = diagnoseStop(run);
    const ending = diagnosis === undefined ? NO_LINES : await readEnding(run);
    const fix = diagnosis && (await findFix(run, { diagnosis, ending }, findResumePoint));
    return diagnosis && { diagnosis, fix, ...partsOf(run.status) };
  }
  const isLost = run.state === "lost";
  if (run.state !== "failed" && run.state !== "finished" && !isLost) {
    return undefined;
  }
  if (run.status.startedAt === undefined) {
    const advice = isLost ? "It was prepared but never started. Start it again." : whyNotStarted(run.status);
    return { diagnosis: { ...DID_NOT_START, advice } };
  }
  const ending = await readEnding(run);
  const { status, record, state, folder } = run;
  const diagnosis =
    status.diagnosis ?? (await explainEnd(linesOf(ending), { folder, plan: record.plan, state, status }));
  return (
    diagnosis && { diagnosis, fix: await findFix(run, { diagnosis, ending }, findResumePoint), ...partsOf(ending) }
  );
}

const DID_NOT_START: Omit<Diagnosis, "advice"> = { cause: "unknown", title: "Did not start", evidence: [] };

const NO_LINES: LogEnding = { firstLine: 1, lines: [] };

async function readEnding({ folder }: Run): Promise<LogEnding> {
  const { log } = runFiles(folder);
  return (await listLogParts(log)).length > 0 ? readLogEnding(log) : NO_LINES;
}

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
  const diagnosis = await diagnoseInPieces(linesOf(ending), {});
  return diagnosis && { diagnosis, ...partsOf(ending) };
}

function partsOf({ log }: { log?: DiagnosedRun["log"] }): Pick<DiagnosedRun, "log"> {
  return log === undefined ? {} : { log };
}

function linesOf({ firstLine, lines }: LogEnding): EvidenceLine[] {
  return lines.map(({ text }, index) => ({ line: firstLine + index, text }));
}

async function findFix(
  { record, status, folder: runFolder }: Run,
  { diagnosis, ending }: { diagnosis: Diagnosis; ending: LogEnding },
  findResumePoint: FindResumePoint,
): Promise<Fix | undefined> {
  const { plan } = record;
  const folder = plan.checkpointFolder?.path;
  const sinceMs = Date.parse(status.startedAt ?? record.createdAt);
  // What was saved after the end of the run is a later run's.
  const untilMs = lastWriteMs({ status });
  // Weights that were saved after the loss broke are broken too, whatever ended the run later.
  const lossBreak = lossBreakOfAlarms(status.alarms) ?? lossBreakOfProof(diagnosis, ending);
  const found = folder === undefined ? undefined : await findResumePoint(folder, { sinceMs, untilMs, lossBreak });
  return proposeFix({
    diagnosis,
    plan,
    script: await argumentsOf(plan.script, plan.cwd),
    moduleFolder: await moduleFolder(diagnosis, plan),
    otherPython: await otherPython(diagnosis, plan, workspaceOfRun(runFolder)),
    flowRunId: plan.kind === "flow" ? readFlowProgress(ending.lines.map(({ text }) => text))?.runId : undefined,
    resumeFrom: found && { ...found, path: shortPath(plan.cwd, found.path) },
  });
}

async function moduleFolder({ cause, evidence }: Diagnosis, plan: LaunchPlan): Promise<string | undefined> {
  const module = cause === "own-module" ? moduleOfText(evidence[0]?.text ?? "") : undefined;
  const own = module === undefined ? undefined : await findOwnModule(module, plan);
  return own?.isSearched === true ? undefined : own?.folder;
}

async function otherPython(
  { cause, evidence }: Diagnosis,
  plan: LaunchPlan,
  workspaceFolder: string,
): Promise<string | undefined> {
  const module = cause === "other-environment" ? moduleOfText(evidence[0]?.text ?? "") : undefined;
  return module === undefined ? undefined : findPythonWith(module, plan, workspaceFolder);
}

function lossBreakOfProof(
  { cause, evidence: [proof] }: Diagnosis,
  { firstLine, lines }: LogEnding,
): LossBreak | undefined {
  return cause === "nan-loss" && proof !== undefined
    ? lossBreakOfLine(proof.text, lines[proof.line - firstLine]?.time)
    : undefined;
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
