import { groupBy } from "../base/groupBy.ts";
import {
  type BestCheckpoint,
  bestBy,
  type CheckpointEntry,
  chooseMetric,
  isConstant,
  isWhole,
  newestFirst,
  tellingMetrics,
} from "./checkpointListing.ts";
import { seriesOf } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { firstWith, type LikelyBest, likelyBest } from "./likelyBest.ts";
import {
  compareMetricNames,
  inferMetricDirection,
  isBestSoFar,
  isHeldOutMetric,
  type MetricDirection,
  qualitiesWithoutData,
} from "./metricNames.ts";
import { namedFactsOf } from "./namedFacts.ts";
import { isLoss } from "./resumeChoice.ts";

/** More would keep most of the checkpoints of a detector, which logs a dozen. */
const MAX_METRICS = 6;

/** `leftOut`: those that may as well be the one, of which the best was not looked for. */
export type JudgedBy = { metrics: readonly string[]; leftOut: readonly string[] };

/**
 * The metrics of which each may be the one that a person chose the best by: first the one that decides in a listing, then the
 * loss on held-out data, which callbacks go by where nobody says another, then the one that only the names tell, since
 * somebody put it there, then the others on held-out data and qualities that say no data; of the training's own only where
 * there is none of those inside.
 */
export function metricsToJudgeBy(run: readonly CheckpointEntry[]): JudgedBy {
  const first = chooseMetric(run);
  if (first === undefined) {
    return { metrics: [], leftOut: [] };
  }
  const others = tellingMetrics(run)
    // A single one left may be the best of those that an earlier prune removed.
    .filter(([name, { values }]) => name !== first && (values.length === 1 || new Set(values).size > 1))
    .filter(([name]) => inferMetricDirection(name) !== undefined && !isBestSoFar(name))
    .toSorted(([a], [b]) => compareMetricNames(a, b));
  const named = others.filter(([, { isInside }]) => !isInside).map(([name]) => name);
  const plain = new Set(qualitiesWithoutData([first, ...others.map(([name]) => name)]));
  const inside = others.filter(
    ([name, { isInside }]) => isInside && (!isHeldOutMetric(first) || isHeldOutMetric(name) || plain.has(name)),
  );
  const heldOut = inside.map(([name]) => name).filter(isHeldOutMetric);
  // The whole loss has the shortest name: `val_loss` beside `val_box_loss`.
  const losses = heldOut.filter(isLoss).toSorted((a, b) => a.length - b.length);
  const names = [
    ...new Set([
      first,
      ...losses.slice(0, 1),
      ...named.slice(0, 1),
      ...inside.map(([name]) => name),
      ...named,
      ...reachedByAll(run),
    ]),
  ];
  return { metrics: names.slice(0, MAX_METRICS), leftOut: names.slice(MAX_METRICS) };
}

/** Those on held-out data that are the same in all, as where an earlier prune left the first with the best value and the newest. */
function reachedByAll(run: readonly CheckpointEntry[]): string[] {
  const whole = run.filter(isWhole);
  const names = new Set(whole.flatMap(({ summary }) => Object.keys(summary.metrics)));
  return [...names]
    .filter((name) => isHeldOutMetric(name) && inferMetricDirection(name) !== undefined && !isBestSoFar(name))
    .filter((name) => isConstant(whole.flatMap(({ summary }) => summary.metrics[name] ?? [])))
    .toSorted(compareMetricNames);
}

/** The best by each of these metrics, as the files tell it and, where that is another one, as their names do. */
export function bestByEach(
  run: readonly CheckpointEntry[],
  metrics: readonly string[],
  direction?: MetricDirection,
): { entry: CheckpointEntry; reason: string }[] {
  const named = run.map((entry) => {
    const { metrics: inName } = namedFactsOf(entry.summary);
    return { ...entry, summary: { ...entry.summary, metrics: inName } };
  });
  return metrics.flatMap((metric) => {
    const inside = bestBy(run, metric, direction);
    const measured =
      inside?.value === 0 && isLoss(metric) ? bestBy(withoutZero(run, metric), metric, direction) : undefined;
    const byName = bestBy(named, metric, direction);
    const first = inside && firstToReach(run, inside);
    const nameOfInside = named.find(({ path }) => path === inside?.entry.path)?.summary.metrics[metric];
    // Names are rounded, so that several bear the best value.
    const other = byName?.value === nameOfInside ? undefined : run.find(({ path }) => path === byName?.entry.path);
    return [
      ...(inside === undefined ? [] : [{ entry: inside.entry, reason: reasonOf(metric, inside.value) }]),
      ...(measured === undefined
        ? []
        : [{ entry: measured.entry, reason: `${reasonOf(metric, measured.value)}, as 0 may not have been measured` }]),
      ...(inside === undefined || first === undefined
        ? []
        : [{ entry: first, reason: firstWith(metric, inside.value) }]),
      ...(other === undefined || byName === undefined
        ? []
        : [{ entry: other, reason: reasonOf(`${metric} in its name`, byName.value) }]),
    ];
  });
}

function withoutZero(run: readonly CheckpointEntry[], metric: string): CheckpointEntry[] {
  return run.filter(({ summary }) => summary.metrics[metric] !== 0);
}

/** Where all that were saved since have the best value too, it may be the best so far, which the first of them reached. */
function firstToReach(run: readonly CheckpointEntry[], best: BestCheckpoint): CheckpointEntry | undefined {
  const values = newestFirst(run).filter((entry) => isWhole(entry) && entry.summary.metrics[best.metric] !== undefined);
  const other = values.findIndex(({ summary }) => summary.metrics[best.metric] !== best.value);
  const equals = other === -1 ? values.length : other;
  return equals > 1 && values[0] === best.entry ? values[equals - 1] : undefined;
}

function reasonOf(what: string, value: number): string {
  return `the best by ${what}: ${renderNumber(value)}`;
}

/**
 * By what the best were found where whole ones go; and how many of those go without any metric that could say it. `onlyTraining`:
 * how many of these have other metrics, all of the training alone.
 */
export type Judgement = JudgedBy & { unjudged: number; onlyTraining?: { count: number; metrics: readonly string[] } };

/**
 * Of each series that loses whole checkpoints, by `wanted` where it has that metric. `logged`: those that a log beside
 * them calls the best.
 */
export function judgementOf(
  entries: readonly CheckpointEntry[],
  removed: readonly CheckpointEntry[],
  { metric: wanted, areSaves }: { metric?: string; areSaves?: boolean },
  logged: ReadonlySet<CheckpointEntry>,
): Judgement {
  const metrics = new Set<string>();
  const leftOut = new Set<string>();
  const going = new Set(removed.filter(isWhole));
  const runs = groupBy(entries, ({ run }) => run);
  const unjudged: CheckpointEntry[] = [];
  for (const run of new Set([...going].map((entry) => entry.run))) {
    for (const series of seriesOf(runs.get(run) ?? [], areSaves)) {
      const gone = series.filter((entry) => going.has(entry));
      const found = gone.length === 0 ? { metrics: [], leftOut: [] } : judgedBy(series, wanted);
      found.metrics.forEach((name) => metrics.add(name));
      found.leftOut.forEach((name) => leftOut.add(name));
      const isJudged = found.metrics.some((metric) => isCarriedBySeveral(metric, series));
      unjudged.push(...(isJudged || series.some((entry) => logged.has(entry)) ? [] : gone));
    }
  }
  return {
    metrics: [...metrics],
    leftOut: [...leftOut].filter((name) => !metrics.has(name)),
    unjudged: unjudged.length,
    ...onlyTrainingOf(unjudged),
  };
}

function onlyTrainingOf(unjudged: readonly CheckpointEntry[]): Pick<Judgement, "onlyTraining"> {
  const names = unjudged.map(({ summary }) => Object.keys(summary.metrics).filter(isOfTraining));
  const count = names.filter(({ length }) => length > 0).length;
  return count === 0
    ? {}
    : { onlyTraining: { count, metrics: [...new Set(names.flat())].toSorted(compareMetricNames) } };
}

function isOfTraining(name: string): boolean {
  return inferMetricDirection(name) !== undefined && !isBestSoFar(name) && !isHeldOutMetric(name);
}

function judgedBy(series: readonly CheckpointEntry[], wanted: string | undefined): JudgedBy {
  if (wanted !== undefined && series.some(({ summary }) => summary.metrics[wanted] !== undefined)) {
    return { metrics: [wanted], leftOut: [] };
  }
  const judged = metricsToJudgeBy(series);
  return judged.metrics.length > 0
    ? judged
    : { metrics: likelyBest(series).flatMap(({ metric }: LikelyBest) => metric ?? []), leftOut: [] };
}

/** The only one that carries a metric is not the best of the others. */
function isCarriedBySeveral(metric: string, series: readonly CheckpointEntry[]): boolean {
  const whole = series.filter(isWhole);
  return whole.filter(({ summary }) => summary.metrics[metric] !== undefined).length > Math.min(1, whole.length - 1);
}
