import { statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import * as z from "zod/mini";
import { UserError } from "../../core/base/errors.ts";
import {
  type ProcessIdentity,
  type Run,
  type StopLevel,
  type StopRequest,
  stopRequestSchema,
} from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { AlarmKind } from "../../core/training/watchdog/alarm.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { probeProcess } from "../base/processIdentity.ts";
import { listGroupProcesses, signalGroup, trySignal } from "../base/processTree.ts";
import { runFiles } from "./runFolder.ts";
import { markerOf } from "./trainingProcess.ts";

/** Asks the owner of a run to stop it; where the owner is gone, asks the training itself. */
export async function requestStop(run: Run, level: StopLevel, graceMs?: number): Promise<void> {
  if (hasEnded(run.state)) {
    throw new UserError(`Run ${run.record.id} has ended already (${run.state}), so there is nothing to stop.`);
  }
  try {
    await writeStopRequest(run.folder, level, graceMs);
  } catch (error) {
    askBySignal(run, level, error);
  }
  if (run.state === "orphaned") {
    signalTraining(run, level);
  }
}

/** Keeps a run from training that nobody has started yet: whoever owns it one day finds the request and ends it. */
export async function forestall({ folder, record }: Run): Promise<void> {
  try {
    await writeStopRequest(folder, "graceful");
  } catch (error) {
    throw new UserError(`Run ${record.id} could not be kept from starting: ${describeFileError(error)}.`, {
      cause: error,
    });
  }
}

async function writeStopRequest(folder: string, level: StopLevel, graceMs?: number): Promise<void> {
  // What another window has asked for a moment ago may not have been read yet.
  if (level === "graceful" && (await readStopRequest(folder))?.level === "now") {
    return;
  }
  const request: StopRequest = {
    schemaVersion: 1,
    level,
    requestedAt: new Date().toISOString(),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
  await writeFileAtomically(runFiles(folder).stop, `${JSON.stringify(request)}\n`);
}

/** A full disk or a removed folder must not make a training unstoppable. */
function askBySignal(run: Run, level: StopLevel, cause: unknown): void {
  const owner = run.status.supervisor;
  if (level === "now" && signalTraining(run, level)) {
    return;
  }
  if (owner === undefined || probeProcess(owner) !== "alive" || !trySignal(owner.pid, "SIGTERM")) {
    throw new UserError(`Run ${run.record.id} could not be asked to stop: ${describeFileError(cause)}.`, { cause });
  }
}

function signalTraining(run: Run, level: StopLevel): boolean {
  const training = run.status.training;
  // A status file may come with a folder from somebody else: only a process that surely is the one it names is signalled.
  if (training === undefined || probeProcess(training) !== "alive" || isElsewhere(training)) {
    return false;
  }
  if (level === "graceful") {
    return signalGroup(training.pid, "SIGINT");
  }
  const others = listGroupProcesses(training.pid, markerOf(run.record.id));
  const wasAlive = signalGroup(training.pid, "SIGKILL");
  return others.map((pid) => trySignal(pid, "SIGKILL")).includes(true) || wasAlive;
}

/** A process number means nothing on another host that shares the disk. */
function isElsewhere(identity: ProcessIdentity): boolean {
  return identity.host !== undefined && identity.host !== hostname();
}

/** The request that waits in a run folder; a file that cannot be understood is a graceful one. */
export async function readStopRequest(folder: string): Promise<StopRequest | undefined> {
  // Asked four times a second for days, and nearly always in vain: a failed read would cost ten times as much.
  if (statSync(runFiles(folder).stop, { throwIfNoEntry: false }) === undefined) {
    return undefined;
  }
  let text: string;
  try {
    text = await readFile(runFiles(folder).stop, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    text = "";
  }
  const fallback: StopRequest = { schemaVersion: 1, level: "graceful", requestedAt: new Date().toISOString() };
  try {
    return z.catch(stopRequestSchema, fallback).parse(JSON.parse(text));
  } catch {
    return fallback;
  }
}

/**
 * Creates the file that says a person was told about the end of the run or an alarm; true for exactly one caller ever. Where it
 * cannot be created, as in a folder that is read-only, nobody can have claimed it: every window tells then.
 */
export async function claimNotification(
  folder: string,
  news: "end" | "sweep" | `${AlarmKind}.${string}` = "end",
): Promise<boolean> {
  try {
    // Empty on purpose: creating a file works even on a full disk.
    const { notified } = runFiles(folder);
    await writeFile(news === "end" ? notified : `${notified}.${news}`, "", { flag: "wx" });
    return true;
  } catch (error) {
    return errorCode(error) !== "EEXIST";
  }
}
