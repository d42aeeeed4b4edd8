import type { Column, Series } from "../metrics/series.ts";

/**
 * Indexes of a series in the order of its line: as it was written where its axis does not go back, for then an epoch that begins
 * anew says nothing of the order; else by epoch and step where the log tells epochs besides steps.
 */
export function inDrawnOrder(
  indexes: readonly number[],
  series: Series,
  axis: "steps" | "times" = "steps",
): readonly number[] {
  const { steps, epochs } = series;
  return epochs === undefined || !goesBack(indexes, series[axis])
    ? indexes
    : indexes.toSorted((a, b) => (epochs[a] ?? 0) - (epochs[b] ?? 0) || (steps[a] ?? 0) - (steps[b] ?? 0));
}

/** Times that the log does not tell leave open whether they go back. */
function goesBack(indexes: readonly number[], column: Column): boolean {
  return indexes.some((index, at) => at > 0 && !((column[index] ?? 0) >= (column[indexes[at - 1] ?? 0] ?? 0)));
}
