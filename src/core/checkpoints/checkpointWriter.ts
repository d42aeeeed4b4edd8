import type { CheckpointEntry } from "./checkpointListing.ts";
import { isBelow } from "./checkpointParts.ts";
import type { LossBreak } from "./resumeChoice.ts";

/** A training that is known: what it saved, while it goes on, is its own to keep or to delete. */
export type CheckpointWriter = {
  /** Absent where that is not known, and may be anywhere. */
  folder?: string;
  sinceMs: number;
  /** Absent while it goes on or waits. */
  untilMs?: number;
  /** Absolute paths in its command, of which one may be what it goes on from. */
  named?: readonly string[];
  lossBreak?: LossBreak;
};

/** Whether a training can have saved a checkpoint, by place and time. */
export function isWrittenBy(
  { path, modifiedMs }: CheckpointEntry,
  { folder, sinceMs, untilMs = Number.POSITIVE_INFINITY }: CheckpointWriter,
): boolean {
  return modifiedMs >= sinceMs && modifiedMs <= untilMs && (folder === undefined || isBelow(folder, path));
}
