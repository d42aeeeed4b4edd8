import { type CheckpointEntry, loadable, newestFirst } from "./checkpointListing.ts";
import { unnamedNumber } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { compareMetricNames, inferMetricDirection, isBestSoFar, isHeldOutMetric } from "./metricNames.ts";

type LikelyBest = { entry: CheckpointEntry; reason: string };

/**
 * Which checkpoints may be the best of a run where no metric says which is: the first that carries the best value so far, and
 * the lowest and highest of a number of which nobody knows whether less or more is better, inside or in the name.
 */
export function likelyBest(run: readonly CheckpointEntry[]): LikelyBest[] {
  const isLoadable = loadable(run);
  const whole = newestFirst(run).filter((entry) => entry.summary.completeness.state === "whole" && isLoadable(entry));
  const soFar = bestMetric(whole, isBestSoFar);
  if (soFar !== undefined) {
    return firstWithBest(whole, soFar);
  }
  const unknown = bestMetric(whole, (name) => inferMetricDirection(name) === undefined);
  if (unknown !== undefined) {
    return extremes(whole, ({ summary }) => summary.metrics[unknown], unknown);
  }
  return extremes(whole, ({ summary }) => unnamedNumber(summary.name), "the number in its name");
}

function bestMetric(entries: readonly CheckpointEntry[], isWanted: (name: string) => boolean): string | undefined {
  const names = new Set(entries.flatMap(({ summary }) => Object.keys(summary.metrics)).filter(isWanted));
  const isShared = (name: string) => entries.filter(({ summary }) => summary.metrics[name] !== undefined).length > 1;
  return [...names]
    .filter(isShared)
    .toSorted((a, b) => Number(isHeldOutMetric(b)) - Number(isHeldOutMetric(a)) || compareMetricNames(a, b))[0];
}

/** From the one on that reached it, all later ones carry the same value. */
function firstWithBest(newestFirstEntries: readonly CheckpointEntry[], metric: string): LikelyBest[] {
  const carrying = newestFirstEntries.filter(({ summary }) => summary.metrics[metric] !== undefined);
  const value = carrying[0]?.summary.metrics[metric];
  const entry = carrying.findLast(({ summary }) => summary.metrics[metric] === value);
  return entry === undefined || value === undefined
    ? []
    : [{ entry, reason: `the first with ${metric} ${renderNumber(value)}, so likely the best` }];
}

function extremes(
  entries: readonly CheckpointEntry[],
  valueOf: (entry: CheckpointEntry) => number | undefined,
  what: string,
): LikelyBest[] {
  const known = entries.flatMap((entry) => {
    const value = valueOf(entry);
    return value === undefined || !Number.isFinite(value) ? [] : [{ entry, value }];
  });
  const ordered = known.toSorted((a, b) => a.value - b.value);
  const [lowest] = ordered;
  const highest = ordered.at(-1);
  if (lowest === undefined || highest === undefined || lowest.value === highest.value) {
    return [];
  }
  const reasonOf = (which: string, value: number) => `${which} by ${what}, ${renderNumber(value)}: it may be the best`;
  return [
    { entry: lowest.entry, reason: reasonOf("the lowest", lowest.value) },
    { entry: highest.entry, reason: reasonOf("the highest", highest.value) },
  ];
}
