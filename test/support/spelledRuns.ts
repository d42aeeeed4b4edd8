import type { Series } from "../../src/core/metrics/series.ts";

/** A number as Python's `repr` spells it, for the numbers that the tests log. */
function spell(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** Runs in the form that `test/owners/writeMetricLogs.py` prints them in. */
export function spelledRuns(runs: readonly { name: string; series: readonly Series[] }[]) {
  return {
    runs: Object.fromEntries(
      runs.map(({ name, series }) => [
        name,
        Object.fromEntries(
          series.map(({ tag, steps, values }) => [
            tag,
            Array.from(values, (value, index) => [steps[index] ?? 0, spell(value)] as const).toSorted(
              ([a], [b]) => a - b,
            ),
          ]),
        ),
      ]),
    ),
  };
}
