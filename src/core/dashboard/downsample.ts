import type { Series } from "../metrics/series.ts";

/**
 * Keeps of every stretch of a series its first, least, greatest and last value, so that no peak and no gap is lost
 * however far the picture is zoomed out. Values that are no number are kept where they begin.
 */
export function downsample(series: Series, maxPoints: number): Series {
  const total = series.values.length;
  if (total <= maxPoints) {
    return series;
  }
  const buckets = Math.max(1, Math.floor(maxPoints / 4));
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * total) / buckets);
    const until = Math.floor(((bucket + 1) * total) / buckets);
    kept.push(...landmarks(series.values, from, until));
  }
  const pick = (column: readonly number[]) => kept.map((index) => column[index] ?? Number.NaN);
  return { tag: series.tag, steps: pick(series.steps), times: pick(series.times), values: pick(series.values) };
}

function landmarks(values: readonly number[], from: number, until: number): number[] {
  let least = from;
  let greatest = from;
  let broken: number | undefined;
  for (let index = from; index < until; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      broken ??= index;
    } else {
      least = value < (values[least] ?? Infinity) || Number.isNaN(values[least]) ? index : least;
      greatest = value > (values[greatest] ?? -Infinity) || Number.isNaN(values[greatest]) ? index : greatest;
    }
  }
  const found = [from, least, greatest, until - 1, ...(broken === undefined ? [] : [broken])];
  return [...new Set(found)].toSorted((a, b) => a - b).slice(0, 4);
}
