import type { Parameters } from "./parameters.ts";
import type { RunEnd } from "./runEnd.ts";
import type { SeriesTable } from "./seriesTable.ts";

/** Reads one growing log. The bytes come in order and in any pieces; what is torn waits for its rest. */
export type MetricLog = {
  readonly table: SeriesTable;
  push(bytes: Uint8Array): void;
  /** So many of the bytes that come next tell nothing: they may be left unread, and `skip` be called instead. */
  readonly bytesToSkip?: number;
  skip?(count: number): void;
  /**
   * Takes a last line that has no end, where it is whole: `"\n".join(lines)` leaves one. `isSettled`: the file has not grown for
   * long. Gives whether it took one; what comes behind must then begin with a line feed.
   */
  takeLast?(isSettled: boolean): boolean;
  /** What is wrong with the log, as a sentence. */
  readonly problem?: string | undefined;
  /** What the log itself calls its run, and when it says that it began, in milliseconds since 1970. */
  readonly name?: string | undefined;
  readonly startedMs?: number | undefined;
  /** How the run ended, where the log says so. */
  readonly end?: RunEnd | undefined;
  /** The hyper-parameters that the log tells. */
  readonly parameters?: Parameters | undefined;
  /** The name under which the log says where in the training its values belong; absent where the format has one for all logs. */
  readonly axis?: string | undefined;
  /** See `LoggedSeries`. */
  readonly restartStep?: number | undefined;
};

/** The names under which logs say where in the training a value belongs, the most telling first. */
const AXIS_NAMES = [
  "step",
  "global_step",
  "_step",
  // LLaMA-Factory counts here; its `total_steps` says how many there will be.
  "current_steps",
  "total_steps",
  "total_timesteps",
  "time/total_timesteps",
  "num_updates",
  "training_iteration",
  "iteration",
  "iter",
  "batch",
  "epoch",
];

/** These count over the whole training. A `step`, an `iteration` or a `batch` may begin anew with each epoch. */
const WHOLE_NAMES = [
  "global_step",
  "_step",
  "current_steps",
  "total_timesteps",
  "time/total_timesteps",
  "num_updates",
  "training_iteration",
];

/** Whether a count that repeats its steps is that of a training which was resumed from an earlier checkpoint, in the same log. */
export function countsWholeTraining(axis: string | undefined): boolean {
  return axis !== undefined && WHOLE_NAMES.includes(axis.trim().toLowerCase());
}

/** The column that counts, or undefined where none does. */
export function findAxis(names: readonly string[]): string | undefined {
  const plain = names.map((name) => name.trim().toLowerCase());
  const found = AXIS_NAMES.find((axis) => plain.includes(axis));
  return found === undefined ? undefined : names[plain.indexOf(found)];
}

/** Whether a column tells the epoch of a value that has its place by another one. */
export function isEpochBeside(name: string, axis: string | undefined): boolean {
  return name !== axis && name.trim().toLowerCase() === "epoch";
}

/** Whether a column counts or clocks, and so is no metric of its own. */
export function isAxisName(name: string): boolean {
  const plain = name.trim().toLowerCase();
  return AXIS_NAMES.includes(plain) || /^_?(?:timestamp|wall[_ ]time|runtime|time|date)$/.test(plain);
}
