import type { CheckpointSummary } from "./checkpointSummary.ts";
import { namedFactsOf } from "./namedFacts.ts";

/** One of several files that are alike but for a number, with what it says of itself. */
export type Numbered = {
  number: number;
  modifiedMs: number;
  summary: Pick<CheckpointSummary, "name" | "step" | "epoch">;
};

/** Below it, the numbers of different models agree with their epochs by chance. */
const MIN_PROVEN = 3;
/** So many that go together by chance would be rare, even where they are not equal. */
const MIN_TOGETHER = 4;
/** Saves of every so many steps; models are rarely numbered in hundreds. */
const MIN_STRIDE = 100;
/** Epochs are counted from 0 or from 1, and some save the next one. */
const FIRST_COUNTS = [-1, 0, 1];

/** `0050000.pt` as DiT saves, `model050000.pt` and `ema_0.9999_050000.pt` as guided-diffusion. */
const LONG = /^(?:(?:model|net|weights|state|snapshot|opt|ema(?:_0\.\d+)?)[_-]?)?\d{5,}\.[a-z]/i;
const PADDED = /(?<!\d)0\d{4,}\.[a-z]/i;
/** VITS and its kin count steps in the name, and call the epoch inside `iteration`. */
const VITS = /^[GD]_\d+\.pth$/;

/**
 * Whether bare numbers count: they are the epochs or steps inside or go with them, or are a padded count of steps that rises
 * with time. Sorted by the number.
 */
export function isProvenSeries(saves: readonly Numbered[]): boolean {
  if (saves.length < MIN_PROVEN) {
    return false;
  }
  const epochs = insideOf(saves, "epoch");
  const steps = insideOf(saves, "step");
  const inside = [epochs, steps].filter((values) => values !== undefined);
  if (inside.some((values) => isSameCount(saves, values))) {
    return true;
  }
  if (isDoubling(saves) || inside.some(isOneCount)) {
    return false;
  }
  const isLater = isRising(saves.map(({ modifiedMs }) => modifiedMs));
  const counted = epochs ?? (saves.every(({ summary }) => VITS.test(summary.name)) ? steps : undefined);
  return (
    (isLater && isPaddedCount(saves) && inside.every(isNeverFalling)) ||
    // Epochs that are not the numbers say that these count something else.
    (epochs === undefined && steps !== undefined && isNumberOfEpochs(saves, steps)) ||
    (counted !== undefined && isNumberOfSteps(saves, counted, isLater))
  );
}

/**
 * Whether files are models that were trained alike: they are numbered one by one and all of the same epoch, or no epoch and no
 * step inside rises with the number. Those of a training that began again in the same folder still do.
 */
export function isRefutedSeries(saves: readonly Numbered[]): boolean {
  const isInTurn = saves.every(({ number }, at) => at === 0 || number - 1 === saves[at - 1]?.number);
  const epochs = saves.flatMap(({ summary }) => summary.epoch ?? []);
  const steps = saves.flatMap(({ summary }) => summary.step ?? []);
  const known = [epochs, steps].filter(({ length }) => length === saves.length);
  if (steps.length === 0 && isWithinFirst(saves, epochs)) {
    return false;
  }
  const isAgainstNumbers = known.some((values) => !isNeverFalling(values)) && !known.some(isGrowing);
  return saves.length > 1 && known.length > 0 && (isAgainstNumbers || (isInTurn && known.every(isOneCount)));
}

/** A language model is saved many times within its only epoch. */
function isWithinFirst(saves: readonly Numbered[], epochs: readonly number[]): boolean {
  const isLater = isRising(saves.map(({ modifiedMs }) => modifiedMs));
  return saves.length >= MIN_TOGETHER && isLater && epochs.every((epoch) => epoch === 1);
}

/** Nothing but zero may be a count that is not kept. */
function isOneCount([first = 0, ...rest]: readonly number[]): boolean {
  return first > 0 && rest.every((value) => value === first);
}

/** What all of them hold; what was only read from the name proves nothing about it. */
function insideOf(saves: readonly Numbered[], unit: "step" | "epoch"): readonly number[] | undefined {
  const values = saves.flatMap(({ summary }) => {
    const value = summary[unit];
    return value === undefined || namedFactsOf(summary)[unit] === value ? [] : [value];
  });
  return values.length === saves.length ? values : undefined;
}

/** Long counts of which the first are padded: without a zero in front they may as well be sample rates or sizes of data. */
function isPaddedCount(saves: readonly Numbered[]): boolean {
  return (
    saves.every(({ summary, number }) => LONG.test(summary.name) && number % 100 === 0) &&
    saves.some(({ summary }) => PADDED.test(summary.name))
  );
}

/** The sizes of models and of data double, 128 256 512; a training is rarely saved so. */
function isDoubling(saves: readonly Numbered[]): boolean {
  return saves.every(({ number }, at) => number > 0 && number >= 2 * (saves[at - 1]?.number ?? 0));
}

function isSameCount(saves: readonly Numbered[], values: readonly number[]): boolean {
  return FIRST_COUNTS.some((first) => saves.every(({ number }, at) => values[at] === number - first));
}

/** Whether the steps inside are a number of times the numbers: an epoch has as many steps as any other. */
function isNumberOfEpochs(saves: readonly Numbered[], steps: readonly number[]): boolean {
  const isRatio = (first: number) =>
    hasOneRatio(saves.map(({ number }, at) => [steps[at] ?? Number.NaN, number - first]));
  return saves.length >= MIN_TOGETHER && FIRST_COUNTS.some(isRatio);
}

/** Whether the numbers are steps that lie in the epochs inside, for some length of an epoch. */
function isNumberOfSteps(saves: readonly Numbered[], epochs: readonly number[], isLater: boolean): boolean {
  if (saves.length < MIN_TOGETHER) {
    return false;
  }
  const isStrided = saves.map(({ number }) => number).reduce(commonDivisor) >= MIN_STRIDE;
  return FIRST_COUNTS.some((first) => {
    const pairs = saves.map(({ number }, at) => [number, (epochs[at] ?? Number.NaN) - first] as const);
    return hasOneRatio(pairs) || (isStrided && isLater && isRising(epochs) && hasOneLength(pairs));
  });
}

/** Whether each is the same whole number of times the other. */
function hasOneRatio(pairs: readonly (readonly [number, number])[]): boolean {
  const [more, less] = pairs.find(([, each]) => each !== 0) ?? [0, 0];
  const ratio = more / less;
  return Number.isInteger(ratio) && ratio >= 1 && pairs.every(([a, b]) => a === ratio * b);
}

/** Whether epochs of one length can be over so often after so many steps. */
function hasOneLength(pairs: readonly (readonly [steps: number, over: number])[]): boolean {
  const atMost = Math.min(...pairs.map(([steps, over]) => (over === 0 ? Number.POSITIVE_INFINITY : steps / over)));
  const moreThan = Math.max(...pairs.map(([steps, over]) => steps / (over + 1)));
  return pairs.every(([, over]) => over >= 0) && moreThan < atMost;
}

function isNeverFalling(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value >= (values[at - 1] ?? value));
}

function isGrowing(values: readonly number[]): boolean {
  return isNeverFalling(values) && values[0] !== values.at(-1);
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value > (values[at - 1] ?? value));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
