import type { Series } from "../metrics/series.ts";

/** Indexes of a series in the order of its line: by epoch and step where the log tells epochs besides steps, else as it was written. */
export function inDrawnOrder(indexes: readonly number[], { steps, epochs }: Series): readonly number[] {
  return epochs === undefined
    ? indexes
    : indexes.toSorted((a, b) => (epochs[a] ?? 0) - (epochs[b] ?? 0) || (steps[a] ?? 0) - (steps[b] ?? 0));
}
