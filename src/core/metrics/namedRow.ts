import type { ScalarSink } from "./metricReader.ts";

/** Names of the column that counts, best first. */
const STEP_NAMES = [
  "step",
  "global_step",
  "_step",
  "current_steps",
  "trainer/global_step",
  "iteration",
  "iter",
  "num_updates",
  "training_iteration",
  "epoch",
];
/** Seconds since 1970. */
const TIME_NAMES = ["wall_time", "timestamp", "_timestamp"];
const NOT_METRICS = new Set([
  ...STEP_NAMES,
  ...TIME_NAMES,
  "time",
  "total_flos",
  "total_steps",
  "time_total_s",
  "percentage",
  "seed",
  "pid",
]);

/**
 * One row of named numbers, as CSV and JSON logs have them: which of them is the step is known by name; without one,
 * `fallbackStep` is it.
 */
export function addNamedRow(sink: ScalarSink, row: ReadonlyMap<string, number>, fallbackStep: number): void {
  const step = firstOf(row, STEP_NAMES) ?? fallbackStep;
  const time = firstOf(row, TIME_NAMES) ?? Number.NaN;
  for (const [tag, value] of row) {
    if (!NOT_METRICS.has(tag)) {
      sink.scalar(tag, step, time, value);
    }
  }
}

function firstOf(row: ReadonlyMap<string, number>, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = row.get(name);
    if (value !== undefined && Number.isFinite(value)) {
      return value;
    }
  }
  return undefined;
}
