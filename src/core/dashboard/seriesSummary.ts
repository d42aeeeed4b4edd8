import { inferMetricDirection, type MetricDirection } from "../checkpoints/metricNames.ts";
import type { ScalarSeries } from "../metrics/scalarSeries.ts";

export type SummaryPoint = { step: number; value: number };

/** A series in a few numbers. */
export type SeriesSummary = {
  tag: string;
  count: number;
  first: SummaryPoint;
  last: SummaryPoint;
  /** Absent where the name does not say whether less or more is better. */
  best?: SummaryPoint & { direction: MetricDirection };
  trend: "falling" | "rising" | "flat" | "unclear";
  /** Full sentences about what does not look right. */
  anomalies: readonly string[];
};

/** Trend and spikes are looked for in this part at the end, at least and at most in so many values. */
const TREND_SHARE = 0.25;
const TREND_MIN_COUNT = 8;
const TREND_MAX_COUNT = 2_000;
/** A change below this part of the spread is no trend. */
const FLAT_SHARE = 0.1;
/** A change below this many times what values differ anyway is none either. */
const NOISE_FACTOR = 2;
/** A value this many times as far from the median as half of the values are is a spike. */
const SPIKE_FACTOR = 12;

/** Undefined for a series without values. */
export function summarizeSeries(tag: string, series: ScalarSeries): SeriesSummary | undefined {
  const { steps, values, length } = series;
  if (length === 0) {
    return undefined;
  }
  const at = (index: number) => ({ step: steps[index] ?? 0, value: values[index] ?? Number.NaN });
  const direction = inferMetricDirection(tag);
  const best = direction === undefined ? undefined : bestIndex(values, direction);
  return {
    tag,
    count: length,
    first: at(0),
    last: at(length - 1),
    ...(best !== undefined && direction !== undefined && { best: { ...at(best), direction } }),
    trend: trendOf(values),
    anomalies: findAnomalies(steps, values),
  };
}

function bestIndex(values: Float64Array, direction: MetricDirection): number | undefined {
  let best: number | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    const previous = best === undefined ? Number.NaN : (values[best] ?? Number.NaN);
    const isBetter = Number.isNaN(previous) || (direction === "min" ? value < previous : value > previous);
    best = Number.isFinite(value) && isBetter ? index : best;
  }
  return best;
}

function trendOf(values: Float64Array): SeriesSummary["trend"] {
  const size = Math.min(TREND_MAX_COUNT, Math.max(TREND_MIN_COUNT, Math.ceil(values.length * TREND_SHARE)));
  const end = values.subarray(-size).filter(Number.isFinite);
  if (end.length < 4) {
    return "unclear";
  }
  const half = end.length >> 1;
  const [before, after] = [end.subarray(0, half), end.subarray(half)];
  const change = medianOf(after) - medianOf(before);
  const noise = Math.max(deviationOf(before), deviationOf(after));
  const finite = values.filter(Number.isFinite).toSorted();
  const spread = quantile(finite, 0.95) - quantile(finite, 0.05);
  return Math.abs(change) <= Math.max(spread * FLAT_SHARE, NOISE_FACTOR * noise)
    ? "flat"
    : change < 0
      ? "falling"
      : "rising";
}

function findAnomalies(steps: Float64Array, values: Float64Array): string[] {
  const anomalies: string[] = [];
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken !== -1) {
    const count = values.filter((value) => !Number.isFinite(value)).length;
    anomalies.push(`${count} of ${values.length} values are NaN or infinite, the first at step ${steps[broken]}.`);
  }
  const end = values.subarray(-TREND_MAX_COUNT);
  const finite = end.filter(Number.isFinite);
  const median = medianOf(finite);
  const deviation = deviationOf(finite);
  const spike = end.findLastIndex((value) => Math.abs(value - median) > SPIKE_FACTOR * deviation);
  // At the beginning a loss falls steeply, which is no spike.
  if (deviation > 0 && finite.length >= 20 && spike > end.length * TREND_SHARE) {
    const step = steps[values.length - end.length + spike];
    anomalies.push(`It jumped to ${formatValue(end[spike] ?? 0)} at step ${step}, far from ${formatValue(median)}.`);
  }
  return anomalies;
}

/** Half of the values are closer to the median than this. */
function deviationOf(values: Float64Array): number {
  const median = medianOf(values);
  return medianOf(values.map((value) => Math.abs(value - median)));
}

function medianOf(values: Float64Array): number {
  return quantile(values.toSorted(), 0.5);
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

/** Four significant digits, as logs print values. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
