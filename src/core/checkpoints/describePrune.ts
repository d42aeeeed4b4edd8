import { oneLine } from "../base/markdown.ts";
import { type CheckpointEntry, entryName } from "./checkpointListing.ts";
import { describeCheckpointFacts, renderBytes } from "./describeCheckpoint.ts";
import type { PrunePlan, PrunePolicy } from "./prunePolicy.ts";

/** What goes and what stays, a line each, newest first; for terminals and dialogs. */
export function describePrune({ kept, removed, freedBytes, metric }: PrunePlan): string {
  const stays = kept.map(({ entry, reason }) => `  ${nameOf(entry)}: ${oneLine(reason, 160)}`);
  const goes = removed.map((entry) => `  ${nameOf(entry)}: ${describeCheckpointFacts(entry.summary, metric)}`);
  if (removed.length === 0) {
    return [`Nothing goes; all ${kept.length} stay:`, ...stays].join("\n");
  }
  return [
    `${countOf(removed.length)} go, ${renderBytes(freedBytes)}:`,
    ...goes,
    `${countOf(kept.length)} stay:`,
    ...stays,
  ].join("\n");
}

/** `best 2, last 3, every 1000`, as a person types it; a sentence about what is wrong with it. */
export function parsePrunePolicy(text: string): PrunePolicy | { problem: string } {
  const policy: PrunePolicy = { keepBest: 0, keepLast: 0 };
  for (const part of text.toLowerCase().split(/[,;]+/)) {
    const match = /^\s*(best|last|every)\s+(\d{1,9})\s*$/.exec(part);
    const count = Number(match?.[2]);
    if (match?.[1] === "best") {
      policy.keepBest = count;
    } else if (match?.[1] === "last") {
      policy.keepLast = count;
    } else if (match?.[1] === "every" && count > 0) {
      policy.keepEvery = count;
    } else {
      return { problem: `“${part.trim()}” is not understood. Write for example: best 1, last 3, every 1000` };
    }
  }
  return policy;
}

export function countOf(count: number): string {
  return `${count} ${count === 1 ? "checkpoint" : "checkpoints"}`;
}

export function nameOf(entry: CheckpointEntry): string {
  return oneLine(entryName(entry), 200);
}
