import type { Series } from "../../src/core/metrics/series.ts";

/** A number as it stands in JSON, which keeps each bit of a double but knows no NaN: that is a text, as Python spells it. */
function spell(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Runs in the form that the scripts in `test/owners` print them in. */
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
