import type { ProcessIdentity, Run, RunState, RunStatus } from "./runRecord.ts";

/** `unknown`: the system cannot tell (another host, Windows); then the heartbeat decides. */
export type Liveness = "alive" | "gone" | "unknown";

/** The owner writes a heartbeat every three seconds; ten missed ones are a dead owner rather than a busy machine. */
const HEARTBEAT_TRUST_MS = 30_000;

/** What the run is really doing: the status as it was written, corrected by whether its processes still live. */
export function deriveRunState(
  status: RunStatus,
  probe: (identity: ProcessIdentity) => Liveness,
  nowMs: number,
): RunState {
  if (hasEnded(status.state)) {
    return status.state;
  }
  const isHeartbeatFresh = hasFreshHeartbeat(status, nowMs);
  const lives = (identity: ProcessIdentity | undefined): boolean => {
    const liveness = identity === undefined ? "unknown" : probe(identity);
    return liveness === "alive" || (liveness === "unknown" && isHeartbeatFresh);
  };
  if (lives(status.supervisor)) {
    // A supervisor that has not written for so long cannot, as in a folder that is read-only, not even that the training is gone.
    const isGone = !isHeartbeatFresh && status.training !== undefined && probe(status.training) === "gone";
    return isGone ? "lost" : status.state;
  }
  if (status.state === "waiting") {
    // A guard may be giving it a new owner this moment. Nobody else does: what lies in a folder is never started by itself.
    return isHeartbeatFresh ? "waiting" : "lost";
  }
  return status.training !== undefined && lives(status.training) ? "orphaned" : "lost";
}

/** Whether the owner of a run wrote a moment ago. */
export function hasFreshHeartbeat({ heartbeatAt }: RunStatus, nowMs: number): boolean {
  return nowMs - Date.parse(heartbeatAt) < HEARTBEAT_TRUST_MS;
}

/** True when nothing of the run is alive and nothing about it will change. */
export function hasEnded(state: RunState): boolean {
  return state === "finished" || state === "failed" || state === "stopped" || state === "lost";
}

/** A run that somebody has to look at: with exit code 0 too, where what it trained computes no numbers any more. */
export function endedBadly(run: Pick<Run, "state" | "status">): boolean {
  return run.state === "failed" || run.state === "lost" || finishedWithoutNumbers(run);
}

/** Whether a run ended with exit code 0 and a loss that is not a number. */
export function finishedWithoutNumbers({ state, status }: Pick<Run, "state" | "status">): boolean {
  // Not through the watchdog's own file, which brings the parser of its settings into the start of the editor.
  const hasAlarm =
    status.alarms?.some(({ kind, endedAt }) => kind === "not-a-number" && endedAt === undefined) === true;
  return state === "finished" && (hasAlarm || status.diagnosis?.cause === "nan-loss");
}
