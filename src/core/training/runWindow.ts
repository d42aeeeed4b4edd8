import type { Run } from "./runRecord.ts";

/** File times are rounded by the file system. */
export const START_SLACK_MS = 2_000;
/** A worker may finish the last save while what is left of the training is ended. */
const END_SLACK_MS = 5_000;

/**
 * Whether a file that was changed at this moment (epoch ms) can have been written by the run: a later run may save to the
 * same folder.
 */
export function isWrittenBy(run: Pick<Run, "record" | "status">, modifiedMs: number): boolean {
  const { sinceMs, untilMs } = writeWindow(run);
  return modifiedMs >= sinceMs && modifiedMs <= untilMs;
}

/** From when to when (epoch ms) a file that was changed can have been written by the run. */
export function writeWindow(run: Pick<Run, "record" | "status">): { sinceMs: number; untilMs: number } {
  const startMs = Date.parse(run.status.startedAt ?? run.record.createdAt);
  return { sinceMs: startMs - START_SLACK_MS, untilMs: lastWriteMs(run) };
}

/** After this nothing is the run's (epoch ms); infinite for one that goes on, or whose end nobody saw. */
export function lastWriteMs({ status }: Pick<Run, "status">): number {
  return status.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.endedAt) + END_SLACK_MS;
}
