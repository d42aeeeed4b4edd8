import assert from "node:assert/strict";
import type { MetricLog } from "../../src/core/metrics/metricLog.ts";
import type { Series } from "../../src/core/metrics/series.ts";

export type Curves = Record<string, [step: number, value: number][]>;

export function curvesOf(series: readonly Series[]): Curves {
  return Object.fromEntries(
    series.map(({ tag, steps, values }) => [
      tag,
      Array.from(steps, (step, index): [number, number] => [step, values[index] ?? Number.NaN]),
    ]),
  );
}

/** Whether a log gives these curves for a text. */
export function checkCurves(log: MetricLog, text: string, expected: Curves): void {
  // Byte by byte, so that every place is once the end of what was read.
  for (const byte of new TextEncoder().encode(text)) {
    log.push(Uint8Array.of(byte));
  }
  assert.deepEqual(curvesOf(log.table.all()), expected);
}
