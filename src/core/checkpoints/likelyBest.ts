import { type CheckpointEntry, isConstant, isWhole, loadable, newestFirst } from "./checkpointListing.ts";
import { unnamedNumber } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { compareMetricNames, inferMetricDirection, isBestSoFar, isCounter, isHeldOutMetric } from "./metricNames.ts";

/** `metric`: by which it was found, where that is not the number in its name. */
export type LikelyBest = { entry: CheckpointEntry; reason: string; metric?: string };

/** Of more numbers, the extremes would be most of the checkpoints. */
const MAX_UNKNOWN = 3;

/**
 * Which checkpoints may be the best of a run where no metric says which is: the first that carries the best value so far, and
 * the lowest and highest of numbers of which nobody knows whether less or more is better, inside or in the name. `known`:
 * the metrics that say it, beside which only what may be the training's own choice counts.
 */
export function likelyBest(run: readonly CheckpointEntry[], known: readonly string[] = []): LikelyBest[] {
  const isLoadable = loadable(run);
  const whole = newestFirst(run).filter((entry) => isWhole(entry) && isLoadable(entry));
  const tells = (name: string) => !isConstant(valuesOf(whole, name));
  const best = sharedMetrics(whole, isBestSoFar);
  const soFar = best
    .filter(tells)
    .slice(0, 1)
    .flatMap((name) => firstWithBest(whole, name));
  if (soFar.length > 0 && known.length === 0) {
    return soFar;
  }
  const isOnlyTraining = !known.some(isHeldOutMetric);
  const unknown = sharedMetrics(
    whole,
    (name) => inferMetricDirection(name) === undefined && !isCounter(name) && !isBestSoFar(name),
  )
    .filter((name) => tells(name) && (isOnlyTraining || isHeldOutMetric(name)))
    .slice(0, MAX_UNKNOWN)
    .flatMap((metric) =>
      extremes(whole, ({ summary }) => summary.metrics[metric], metric).map((found) => ({ ...found, metric })),
    );
  if (unknown.length > 0 || known.length > 0) {
    return [...soFar, ...unknown];
  }
  // The same in all: the first of them reached it, unless it was never set.
  const reached = best.slice(0, 1).flatMap((name) => firstWithBest(whole, name));
  return [...reached, ...extremes(whole, ({ summary }) => unnamedNumber(summary.name), "the number in its name")];
}

/** Those that several carry, on held-out data first. */
function sharedMetrics(entries: readonly CheckpointEntry[], isWanted: (name: string) => boolean): string[] {
  const names = new Set(entries.flatMap(({ summary }) => Object.keys(summary.metrics)));
  return [...names]
    .filter((name) => isWanted(name) && valuesOf(entries, name).length > 1)
    .toSorted((a, b) => Number(isHeldOutMetric(b)) - Number(isHeldOutMetric(a)) || compareMetricNames(a, b));
}

function valuesOf(entries: readonly CheckpointEntry[], metric: string): number[] {
  return entries.flatMap(({ summary }) => summary.metrics[metric] ?? []);
}

/**
 * From the one on that reached it, all later ones carry the same value. A training that was started again may have forgotten
 * a better one, so that the first with the best of all stays too, where the name tells which that is. Some save before they
 * judge, so that the one before the first is the best.
 */
function firstWithBest(newestFirstEntries: readonly CheckpointEntry[], metric: string): LikelyBest[] {
  const carrying = newestFirstEntries.filter(({ summary }) => !Number.isNaN(summary.metrics[metric] ?? Number.NaN));
  const values = valuesOf(carrying, metric);
  const direction = inferMetricDirection(metric);
  const ofAll = direction === undefined ? values[0] : values.toSorted((a, b) => a - b).at(direction === "min" ? 0 : -1);
  return [...new Set([ofAll, values[0]])].flatMap((value) => {
    const at = carrying.findLastIndex(({ summary }) => summary.metrics[metric] === value);
    const [entry, before] = [carrying[at], carrying[at + 1]];
    return entry === undefined || value === undefined
      ? []
      : [
          { entry, metric, reason: firstWith(metric, value) },
          ...(before === undefined
            ? []
            : [
                {
                  entry: before,
                  metric,
                  reason: `the one before the first with ${metric} ${renderNumber(value)}: it may have been saved before it was judged`,
                },
              ]),
        ];
  });
}

/** Why the first stays that carries the best value so far. */
export function firstWith(metric: string, value: number): string {
  return `the first with ${metric} ${renderNumber(value)}, so likely the best`;
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
