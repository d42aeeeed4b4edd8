import { type CheckpointEntry, type CheckpointListing, isPassedOver } from "./checkpointListing.ts";
import { leastTrustOf } from "./importedName.ts";
import { newestSound, newestToResume } from "./newestCheckpoint.ts";
import { chooseResumePoint, type LossBreak } from "./resumeChoice.ts";

/** What a folder is asked for, where not all of it; data and no function, since a thread is asked. */
export type ListUntil =
  | { kind: "any" }
  /** A whole one that imports nothing unknown and is no data, which is taken before any older one, and has no loss that is NaN. */
  | { kind: "newest-whole" }
  /** The same or, of its run, one with the state of the optimizer. */
  | { kind: "newest-to-resume" }
  /** The one to go on from, of those changed in [sinceMs, untilMs). */
  | { kind: "resume-point"; sinceMs?: number; untilMs?: number; lossBreak?: LossBreak | undefined };

/** Lists a folder from its newest checkpoint on; older ones than the question needs may be missing. */
export type ListFolder = (folder: string, until?: ListUntil) => Promise<CheckpointListing>;

/**
 * Whether older checkpoints than these, the newest of a folder, can change nothing in the answer. They can where the one
 * that is taken imports code of its own or may be data, which beside others is left out, and where others of the same
 * time are to come, among which the step decides.
 */
export function isEnough(until: ListUntil, newest: readonly CheckpointEntry[]): boolean {
  const oldestMs = newest.reduce((ms, { modifiedMs }) => Math.min(ms, modifiedMs), Number.POSITIVE_INFINITY);
  const isSettled = (entry: CheckpointEntry | undefined) =>
    entry !== undefined &&
    entry.modifiedMs > oldestMs &&
    !isPassedOver(entry) &&
    leastTrustOf(entry.summary.imports) === "known";
  // One without the state of the optimizer is passed over for an older one that has it.
  const isSettledToResume = (entry: CheckpointEntry | undefined) =>
    isSettled(entry) && entry?.summary.hasOptimizerState === true;
  switch (until.kind) {
    case "any":
      return newest.length > 0;
    case "newest-whole":
      return isSettled(newestSound(newest));
    case "newest-to-resume":
      return isSettled(newestSound(newest)) && isSettledToResume(newestToResume(newest));
    case "resume-point":
    default: {
      const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY, lossBreak } = until;
      const meant = newest.filter(({ modifiedMs }) => modifiedMs >= sinceMs && modifiedMs < untilMs);
      const { chosen } = chooseResumePoint(meant, lossBreak);
      return isSettledToResume(chosen);
    }
  }
}
