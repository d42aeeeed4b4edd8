import { UserError } from "../../core/base/errors.ts";
import type { RunRecord, RunStatus } from "../../core/training/runRecord.ts";
import { hasEnded, hasFreshHeartbeat } from "../../core/training/runState.ts";
import type { FollowMetrics } from "../../core/training/watchdog/loggedValue.ts";
import { identifyProcess, probeProcess, readProcStat } from "../base/processIdentity.ts";
import { readLogEnd } from "./logEnd.ts";
import { RunOwner } from "./owner.ts";
import { OWNER_EXIT } from "./ownerExit.ts";
import { acquireOwnerLock } from "./ownerLock.ts";
import { readRunRecord, readRunStatus, runFiles } from "./runFolder.ts";
import { holdingGpus } from "./runLeases.ts";
import { RunProcesses } from "./runProcesses.ts";
import { awaitTurn } from "./runQueue.ts";
import { adoptTraining } from "./trainingProcess.ts";

/**
 * Owns one training from its start, or from the death of its owner, to its end: records what it prints and how far it
 * is, stops it when asked, and writes how it ended. Resolves with the exit code for its own process.
 */
export async function ownRun(folder: string, supervisorPath: string, followMetrics: FollowMetrics): Promise<number> {
  let record: RunRecord;
  let status: RunStatus | undefined;
  try {
    record = await readRunRecord(folder);
    if (!(await acquireOwnerLock(folder))) {
      return OWNER_EXIT.alreadyOwned;
    }
    status = withUnnamedTraining(record, await readRunStatus(folder));
  } catch (error) {
    return error instanceof UserError ? OWNER_EXIT.unreadableRun : OWNER_EXIT.cannotWrite;
  }
  const orphan = status && !hasEnded(status.state) ? adoptTraining(record, status) : undefined;
  const isWaiting = orphan === undefined && record.wait !== undefined && (status ?? NEW).state === "waiting";
  const lastSeenAt = orphan === undefined && status && diedUnheard(status) ? status.heartbeatAt : undefined;
  if (status !== undefined && orphan === undefined && !isWaiting && lastSeenAt === undefined) {
    return OWNER_EXIT.alreadyOwned;
  }
  if (isWaiting) {
    const turn = await awaitTurn(folder, record, supervisorPath);
    if (turn.kind !== "start") {
      return turn.kind === "stopped" ? OWNER_EXIT.done : OWNER_EXIT.cannotWrite;
    }
    record = turn.record;
  }
  const isFirst = status === undefined && !isWaiting;
  const logged = isFirst ? undefined : await readLogEnd(runFiles(folder).log);
  const inherited = isWaiting ? undefined : status;
  return holdingGpus(record, (leaseProblem, holdGpus) => {
    const leases = { leaseProblem, holdGpus };
    const owner = new RunOwner({ folder, record, supervisorPath, ...leases, inherited, logged, followMetrics });
    if (lastSeenAt !== undefined) {
      return owner.bury(lastSeenAt);
    }
    return orphan === undefined ? owner.own() : owner.takeOver(orphan);
  });
}

/** The status with the training that its owner had started and was killed before it could name it. */
function withUnnamedTraining({ id }: RunRecord, status: RunStatus | undefined): RunStatus | undefined {
  if (status?.state !== "starting" || status.training !== undefined) {
    return status;
  }
  const leader = new RunProcesses(id).list().find((pid) => readProcStat(pid)?.groupId === pid);
  const training = leader === undefined ? undefined : identifyProcess(leader);
  return training === undefined ? status : { ...status, training, startedAt: new Date().toISOString() };
}

/**
 * Whether a training ended a moment ago when its owner could not write that down any more, as when both were killed together. Of
 * one that may have gone on for hours without an owner nobody knows the end.
 */
function diedUnheard(status: RunStatus): boolean {
  const { state, training } = status;
  const isGone = !hasEnded(state) && training !== undefined && probeProcess(training) === "gone";
  return isGone && hasFreshHeartbeat(status, Date.now());
}

/** A run that nobody has owned yet waits first, if it has to wait at all. */
const NEW: Pick<RunStatus, "state"> = { state: "waiting" };
