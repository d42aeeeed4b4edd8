import { groupBy } from "../base/groupBy.ts";
import type { CheckpointEntry } from "./checkpointListing.ts";
import { folderOf, holdsPath, mayHaveParts, pathsUpFrom } from "./checkpointParts.ts";

/** What goes takes no file with it that one of those that stay needs. */
export function keepShared(entries: readonly CheckpointEntry[], reasons: Map<CheckpointEntry, string>): void {
  const near = entriesNear(entries);
  // Those that are found here are looked at as well: a map gives what is added to it while it is walked.
  for (const [kept] of reasons) {
    for (const entry of near(kept)) {
      const isShared = () => holdsFile(kept, entry.path) || filesOf(kept).some((file) => holdsFile(entry, file));
      if (!reasons.has(entry) && isShared()) {
        reasons.set(entry, `it shares files with ${kept.summary.name}`);
      }
    }
  }
}

/**
 * Finds those that may have a file in common with one: above and below it and, where either is of several files, beside it.
 * There may be thousands, so not each is compared with each.
 */
function entriesNear(entries: readonly CheckpointEntry[]): (entry: CheckpointEntry) => CheckpointEntry[] {
  const upwards = entries.flatMap((entry) => pathsUpFrom(entry.path).map((path) => ({ path, entry })));
  const into = groupBy(upwards, ({ path }) => path);
  const at = groupBy(entries, ({ path }) => path);
  const beside = groupBy(entries, ({ path }) => folderOf(path));
  const inParts = groupBy(entries.filter(isInParts), ({ path }) => folderOf(path));
  return (entry) => {
    const files = filesOf(entry);
    const folders = [...new Set(files.map(folderOf))];
    return [
      ...(into.get(entry.path) ?? []).map((below) => below.entry),
      ...files.flatMap(pathsUpFrom).flatMap((path) => at.get(path) ?? []),
      ...folders.flatMap((folder) => (isInParts(entry) ? beside : inParts).get(folder) ?? []),
    ];
  };
}

function isInParts({ summary }: CheckpointEntry): boolean {
  return summary.parts !== undefined || mayHaveParts(summary.name);
}

/** Whether a path is a checkpoint or one of its files. */
export function holdsFile({ path, summary }: CheckpointEntry, other: string): boolean {
  return holdsPath(path, other, summary.parts);
}

/** Of a model in several files those that its index names, itself first. */
function filesOf({ path, summary: { name, parts = [] } }: CheckpointEntry): string[] {
  return [path, ...parts.map((part) => path.slice(0, -name.length) + part)];
}
