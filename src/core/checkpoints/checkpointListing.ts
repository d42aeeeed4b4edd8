import type { CheckpointSummary } from "./checkpointSummary.ts";
import { compareMetricNames, inferMetricDirection, type MetricDirection } from "./metricNames.ts";

/** One checkpoint in a folder, whether a file or a folder of its own. */
export type CheckpointEntry = {
  /** Absolute. */
  path: string;
  /** The folder between the listed one and this checkpoint, as in `checkpoints/<run>/last.pt`. */
  run?: string;
  /** Where a symbolic link leads; the same checkpoint may then be listed twice. */
  linkTarget?: string;
  modifiedMs: number;
  summary: CheckpointSummary;
};

export type UnreadableFile = { path: string; reason: string };

export type CheckpointListing =
  | {
      kind: "listed";
      folder: string;
      entries: readonly CheckpointEntry[];
      /** Files under names that say they are not finished: `.tmp`, `.part`, `~`. */
      temporary: readonly { path: string; sizeBytes: number }[];
      unreadable: readonly UnreadableFile[];
    }
  | { kind: "folder-missing"; folder: string; message: string }
  | { kind: "folder-unreadable"; folder: string; message: string };

export type BestCheckpoint = { entry: CheckpointEntry; metric: string; value: number; direction: MetricDirection };

/** How long an incomplete file may rest before it counts as torn: a slow disk may pause a writer for seconds. */
export const TORN_AFTER_MS = 30_000;

/** Newest first: by time of change, then by step and epoch, as files of one copy often share a time. */
export function newestFirst(entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  return entries.toSorted(
    (a, b) =>
      b.modifiedMs - a.modifiedMs ||
      (b.summary.step ?? -1) - (a.summary.step ?? -1) ||
      (b.summary.epoch ?? -1) - (a.summary.epoch ?? -1) ||
      (a.path < b.path ? -1 : 1),
  );
}

/** The checkpoint to resume from: the newest that is proven whole, past any torn ones. */
export function newestWhole(entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  return newestFirst(entries.filter(({ summary }) => summary.completeness.state === "whole"))[0];
}

/**
 * The whole checkpoint with the best value of a metric; among equals the newest. Undefined where none carries the
 * metric, or where neither its name nor the caller says whether less or more is better.
 */
export function bestBy(
  entries: readonly CheckpointEntry[],
  metric: string,
  direction: MetricDirection | undefined = inferMetricDirection(metric),
): BestCheckpoint | undefined {
  let best: BestCheckpoint | undefined;
  for (const entry of newestFirst(entries)) {
    const value = entry.summary.metrics[metric];
    if (direction === undefined || value === undefined || Number.isNaN(value) || !isWhole(entry)) {
      continue;
    }
    const isBetter = best === undefined || (direction === "min" ? value < best.value : value > best.value);
    best = isBetter ? { entry, metric, value, direction } : best;
  }
  return best;
}

/** The metric that most checkpoints carry, validation before training; `best_…` ones tell the past, not the file. */
export function chooseMetric(entries: readonly CheckpointEntry[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { summary } of entries) {
    for (const metric of Object.keys(summary.metrics)) {
      if (inferMetricDirection(metric) !== undefined && !/(^|_)best/i.test(metric)) {
        counts.set(metric, (counts.get(metric) ?? 0) + 1);
      }
    }
  }
  const most = Math.max(0, ...counts.values());
  return [...counts]
    .filter(([, count]) => count === most)
    .map(([metric]) => metric)
    .toSorted(compareMetricNames)[0];
}

/** An incomplete file that changed moments ago is being written, not torn. */
export function judgeFreshness(summary: CheckpointSummary, ageMs: number): CheckpointSummary {
  if (summary.completeness.state !== "torn" || ageMs >= TORN_AFTER_MS) {
    return summary;
  }
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  const reason = `changed ${seconds} s ago; ${summary.completeness.reason}`;
  return { ...summary, completeness: { state: "writing", reason } };
}

function isWhole({ summary }: CheckpointEntry): boolean {
  return summary.completeness.state === "whole";
}
