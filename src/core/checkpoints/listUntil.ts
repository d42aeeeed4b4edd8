import { type CheckpointEntry, type CheckpointListing, newestWhole } from "./checkpointListing.ts";
import { leastTrustOf } from "./importedName.ts";
import { isChoiceSettled, type LossBreak } from "./resumeChoice.ts";

/** What a folder is asked for, where not all of it; data and no function, since a thread is asked. */
export type ListUntil =
  | { kind: "any" }
  /** A whole one that imports nothing unknown, which is taken before any older one. */
  | { kind: "newest-whole" }
  /** The one to go on from, of those changed in [sinceMs, untilMs). */
  | { kind: "resume-point"; sinceMs?: number; untilMs?: number; lossBreak?: LossBreak | undefined };

/** Lists a folder from its newest checkpoint on; older ones than the question needs may be missing. */
export type ListFolder = (folder: string, until?: ListUntil) => Promise<CheckpointListing>;

/** Whether older checkpoints than these, the newest of a folder, can change nothing in the answer. */
export function isEnough(until: ListUntil, newest: readonly CheckpointEntry[]): boolean {
  switch (until.kind) {
    case "any":
      return newest.length > 0;
    case "newest-whole": {
      const entry = newestWhole(newest);
      return entry !== undefined && leastTrustOf(entry.summary.imports) === "known";
    }
    case "resume-point":
    default: {
      const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY, lossBreak } = until;
      const meant = newest.filter(({ modifiedMs }) => modifiedMs >= sinceMs && modifiedMs < untilMs);
      return isChoiceSettled(meant, lossBreak);
    }
  }
}
