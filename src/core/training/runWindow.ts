import type { Run } from "./runRecord.ts";

/** File times are rounded by the file system. */
const START_SLACK_MS = 2_000;
/** A worker may finish the last save while what is left of the training is ended. */
const END_SLACK_MS = 5_000;

/**
 * Whether a file that was changed at this moment (epoch ms) can have been written by the run: a later run may save to the
 * same folder. The end of a run that goes on, or whose end nobody saw, is open.
 */
export function isWrittenBy({ record, status }: Pick<Run, "record" | "status">, modifiedMs: number): boolean {
  const sinceMs = Date.parse(status.startedAt ?? record.createdAt);
  const endedMs = status.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.endedAt);
  return modifiedMs >= sinceMs - START_SLACK_MS && modifiedMs <= endedMs + END_SLACK_MS;
}
