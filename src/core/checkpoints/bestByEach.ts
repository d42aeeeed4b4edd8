import { bestBy, type CheckpointEntry, chooseMetric, tellingMetrics } from "./checkpointListing.ts";
import { seriesOf } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { type LikelyBest, likelyBest } from "./likelyBest.ts";
import {
  compareMetricNames,
  inferMetricDirection,
  isBestSoFar,
  isHeldOutMetric,
  type MetricDirection,
} from "./metricNames.ts";
import { parseCheckpointName } from "./namedFacts.ts";

/** More would keep most of the checkpoints of a detector, which logs a dozen. */
const MAX_METRICS = 3;

/**
 * The metrics of which each may be the one that a person chose the best by: first the one that decides in a listing, then the
 * one that only the names tell, since somebody put it there, then the others on held-out data; of the training's own only
 * where there is none of those inside.
 */
export function metricsToJudgeBy(run: readonly CheckpointEntry[]): string[] {
  const first = chooseMetric(run);
  if (first === undefined) {
    return [];
  }
  const others = tellingMetrics(run)
    .filter(([name, { values }]) => name !== first && new Set(values).size > 1)
    .filter(([name]) => inferMetricDirection(name) !== undefined && !isBestSoFar(name))
    .toSorted(([a], [b]) => compareMetricNames(a, b));
  const named = others.filter(([, { isInside }]) => !isInside).map(([name]) => name);
  const inside = others.filter(
    ([name, { isInside }]) => isInside && (!isHeldOutMetric(first) || isHeldOutMetric(name)),
  );
  const names = [first, ...named.slice(0, 1), ...inside.map(([name]) => name), ...named];
  return [...new Set(names)].slice(0, MAX_METRICS);
}

/** The best by each of these metrics, as the files tell it and, where that is another one, as their names do. */
export function bestByEach(
  run: readonly CheckpointEntry[],
  metrics: readonly string[],
  direction?: MetricDirection,
): { entry: CheckpointEntry; reason: string }[] {
  const named = run.map((entry) => {
    const { metrics: inName } = parseCheckpointName(entry.summary.name);
    return { ...entry, summary: { ...entry.summary, metrics: inName } };
  });
  return metrics.flatMap((metric) => {
    const inside = bestBy(run, metric, direction);
    const byName = bestBy(named, metric, direction);
    const nameOfInside = named.find(({ path }) => path === inside?.entry.path)?.summary.metrics[metric];
    // Names are rounded, so that several bear the best value.
    const other = byName?.value === nameOfInside ? undefined : run.find(({ path }) => path === byName?.entry.path);
    return [
      ...(inside === undefined ? [] : [{ entry: inside.entry, reason: reasonOf(metric, inside.value) }]),
      ...(other === undefined || byName === undefined
        ? []
        : [{ entry: other, reason: reasonOf(`${metric} in its name`, byName.value) }]),
    ];
  });
}

function reasonOf(what: string, value: number): string {
  return `the best by ${what}: ${renderNumber(value)}`;
}

/** By what the best were found where whole ones go; and how many of those go without any metric that could say it. */
export type Judgement = { metrics: readonly string[]; unjudged: number };

/**
 * Of each series that loses whole checkpoints, by `wanted` where it has that metric. `isLogged`: whether a log beside it was
 * asked for the best.
 */
export function judgementOf(
  entries: readonly CheckpointEntry[],
  removed: readonly CheckpointEntry[],
  { metric: wanted, areSaves }: { metric?: string; areSaves?: boolean },
  isLogged: (entry: CheckpointEntry) => boolean,
): Judgement {
  const metrics = new Set<string>();
  const going = new Set(removed.filter(({ summary }) => summary.completeness.state === "whole"));
  let unjudged = 0;
  for (const run of new Set([...going].map((entry) => entry.run))) {
    const own = entries.filter((entry) => entry.run === run);
    for (const series of seriesOf(own, areSaves)) {
      const count = series.filter((entry) => going.has(entry)).length;
      const found = count === 0 ? [] : judgedBy(series, wanted);
      found.forEach((name) => metrics.add(name));
      unjudged += found.length === 0 && !series.some(isLogged) ? count : 0;
    }
  }
  return { metrics: [...metrics], unjudged };
}

function judgedBy(series: readonly CheckpointEntry[], wanted: string | undefined): readonly string[] {
  if (wanted !== undefined && series.some(({ summary }) => summary.metrics[wanted] !== undefined)) {
    return [wanted];
  }
  const names = metricsToJudgeBy(series);
  return names.length > 0 ? names : likelyBest(series).flatMap(({ metric }: LikelyBest) => metric ?? []);
}
