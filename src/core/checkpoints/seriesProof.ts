import type { CheckpointSummary } from "./checkpointSummary.ts";
import { parseCheckpointName } from "./namedFacts.ts";

/** One of several files that are alike but for a number, with what it says of itself. */
export type Numbered = {
  number: number;
  modifiedMs: number;
  summary: Pick<CheckpointSummary, "name" | "step" | "epoch">;
};

const UNITS = ["step", "epoch"] as const;
/** Below it, the numbers of different models agree with their epochs by chance. */
const MIN_PROVEN = 3;
/** So many that rise together by chance would be rare, even where nothing else agrees. */
const MIN_RISING = 4;
/** Saves of every so many steps; models are rarely numbered in hundreds. */
const MIN_STRIDE = 100;

/** `0050000.pt` as DiT saves, `model050000.pt` and `ema_0.9999_050000.pt` as guided-diffusion. */
const PADDED = /^(?:(?:model|net|weights|state|snapshot|opt|ema(?:_0\.\d+)?)[_-]?)?\d{5,}\.[a-z]/i;

/**
 * Whether bare numbers count: they are the epochs or steps inside or go with them, or are a padded count of steps that rises
 * with time. Sorted by the number.
 */
export function isProvenSeries(saves: readonly Numbered[]): boolean {
  if (saves.length < MIN_PROVEN) {
    return false;
  }
  const isPadded = saves.every(({ summary, number }) => PADDED.test(summary.name) && number % 100 === 0);
  const isLater = isRising(saves.map(({ modifiedMs }) => modifiedMs));
  const inside = UNITS.flatMap((unit) => insideOf(saves, unit));
  const isStrided = saves.length >= MIN_RISING && saves.map(({ number }) => number).reduce(commonDivisor) >= MIN_STRIDE;
  return (
    (isPadded && isLater) ||
    inside.some((values) => isCount(saves, values) || (isStrided && isLater && isRising(values)))
  );
}

/** Whether files that are numbered one by one are all of the same epoch: they are models that were trained alike. */
export function isRefutedSeries(saves: readonly Numbered[]): boolean {
  const isInTurn = saves.every(({ number }, at) => at === 0 || number - 1 === saves[at - 1]?.number);
  const known = UNITS.map((unit) => saves.flatMap(({ summary }) => summary[unit] ?? [])).filter(
    ({ length }) => length === saves.length,
  );
  return saves.length > 1 && isInTurn && known.length > 0 && known.every(isOneCount);
}

/** Nothing but zero may be a count that is not kept. */
function isOneCount([first = 0, ...rest]: readonly number[]): boolean {
  return first > 0 && rest.every((value) => value === first);
}

/** What all of them hold; what was only read from the name proves nothing about it. */
function insideOf(saves: readonly Numbered[], unit: (typeof UNITS)[number]): readonly number[][] {
  const values = saves.flatMap(({ summary }) => {
    const value = summary[unit];
    return value === undefined || parseCheckpointName(summary.name)[unit] === value ? [] : [value];
  });
  return values.length === saves.length ? [values] : [];
}

/** Whether the numbers are the values, or, of more than a few, a number of times them: an epoch has as many steps as any other. */
function isCount(saves: readonly Numbered[], values: readonly number[]): boolean {
  // Epochs are counted from 0 or from 1, and some save the next one.
  return [-1, 0, 1].some((first) => {
    const ratios = [
      ratioOf(saves.map(({ number }, at) => [values[at] ?? Number.NaN, number - first])),
      ratioOf(saves.map(({ number }, at) => [number, (values[at] ?? Number.NaN) - first])),
    ];
    return ratios.some((ratio) => ratio === 1 || (ratio !== undefined && saves.length >= MIN_RISING));
  });
}

/** How many times the other each is, where that is the same whole number for all. */
function ratioOf(pairs: readonly (readonly [number, number])[]): number | undefined {
  const [more, less] = pairs.find(([, each]) => each !== 0) ?? [0, 0];
  const ratio = more / less;
  return Number.isInteger(ratio) && ratio >= 1 && pairs.every(([a, b]) => a === ratio * b) ? ratio : undefined;
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value > (values[at - 1] ?? value));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
