import { inferMetricDirection } from "../checkpoints/metricNames.ts";
import type { Series } from "../metrics/series.ts";

/** What a curve comes to, for a table, a model and a screen reader. */
export type SeriesSummary = {
  tag: string;
  count: number;
  first: number;
  last: number;
  lastStep: number;
  /** By the direction that the name tells: the least loss, the greatest accuracy. */
  best?: { value: number; step: number; direction: "min" | "max" };
  /** How the last fifth went. */
  trend: "falling" | "rising" | "flat" | "too short to tell";
  /** How many values are NaN or infinite, and at which step the first of them is. */
  broken?: { count: number; firstStep: number };
};

/** Fewer values than this have no trend. */
const MIN_TREND_VALUES = 10;
const TREND_SHARE = 0.2;
/** A change below this share of the whole range is noise. */
const FLAT_SHARE = 0.02;

/** Undefined for a series without values. */
export function summarizeSeries(series: Series): SeriesSummary | undefined {
  const { tag, values, steps } = series;
  const [first] = values;
  const last = values.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const firstBroken = values.findIndex((value) => !Number.isFinite(value));
  const best = findBest(series);
  return {
    tag,
    count: values.length,
    first,
    last,
    lastStep: steps.at(-1) ?? 0,
    ...(best === undefined ? {} : { best }),
    trend: trendOf(values),
    ...(firstBroken < 0
      ? {}
      : {
          broken: {
            count: values.filter((value) => !Number.isFinite(value)).length,
            firstStep: steps[firstBroken] ?? 0,
          },
        }),
  };
}

function findBest({ tag, values, steps }: Series): SeriesSummary["best"] {
  const direction = inferMetricDirection(tag);
  if (direction === undefined) {
    return undefined;
  }
  let found: number | undefined;
  for (const [index, value] of values.entries()) {
    const known = found === undefined ? undefined : values[found];
    if (Number.isFinite(value) && (known === undefined || (direction === "min" ? value < known : value > known))) {
      found = index;
    }
  }
  return found === undefined ? undefined : { value: values[found] ?? 0, step: steps[found] ?? 0, direction };
}

/** The halves of the last fifth, compared with the range of all values. */
function trendOf(values: readonly number[]): SeriesSummary["trend"] {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length < MIN_TREND_VALUES) {
    return "too short to tell";
  }
  const tail = finite.slice(-Math.max(4, Math.round(finite.length * TREND_SHARE)));
  const half = Math.floor(tail.length / 2);
  const change = mean(tail.slice(half)) - mean(tail.slice(0, half));
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of finite) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (Math.abs(change) <= FLAT_SHARE * (greatest - least)) {
    return "flat";
  }
  return change < 0 ? "falling" : "rising";
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
