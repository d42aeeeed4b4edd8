// What a comparison of runs by their hyper-parameters is computed from. Nothing here knows the page.
import { compareNames } from "./nameOrder.js";
import { parametersOf, resultOf } from "./runRows.js";

/** Fewer runs say nothing about a parameter. */
export const MIN_SWEEP_RUNS = 3;
/** From here on a range is told apart only on a logarithmic axis. */
const LOG_RATIO = 50;
/** So few values of a parameter are the ticks themselves: batches of 16, 32 and 64, not of 28 and 40. */
const MAX_OWN_TICKS = 6;
/** Of ticks that would stand on each other, as a share of the axis, the first is said. */
const MIN_TICK_GAP = 0.05;

/** The runs that have the metric, and an axis for each parameter that differs, the metric last. */
export function sweepOf(runs, metric) {
  const counted = runs.filter((run) => Number.isFinite(resultOf(run, metric)?.value));
  const { varied } = parametersOf(counted);
  const direction = counted.map((run) => resultOf(run, metric).direction).find((each) => each !== undefined);
  const axes = [
    ...varied.map((name) =>
      axisOf(
        name,
        counted.map((run) => run.parameters[name]),
      ),
    ),
    axisOf(
      metric,
      counted.map((run) => resultOf(run, metric).value),
      // What is better the higher it is lies between 0 and 1 mostly: on a logarithmic axis all good runs would look the same.
      direction !== "max",
    ),
  ];
  const lines = counted.map((run) => {
    const value = resultOf(run, metric).value;
    const values = [...varied.map((name) => run.parameters[name]), value];
    return { run, value, values, places: values.map((each, at) => axes[at].toPlace(each)) };
  });
  return { axes, lines, metric, direction, isEnough: counted.length >= MIN_SWEEP_RUNS && varied.length > 0 };
}

/** An axis from 0 to 1: of numbers, logarithmic where they span far, else of words. */
export function axisOf(name, values, mayBeLog = true) {
  const present = values.filter((value) => value !== undefined && value !== "");
  const numbers = present.map(Number);
  if (present.length === 0 || numbers.some((number) => !Number.isFinite(number))) {
    return wordAxis(name, present.map(String));
  }
  const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
  const isLog = mayBeLog && least > 0 && greatest / least >= LOG_RATIO;
  const scale = isLog ? Math.log10 : (value) => value;
  const span = scale(greatest) - scale(least);
  const toPlace = (value) =>
    value === undefined || value === "" ? undefined : span === 0 ? 0.5 : (scale(Number(value)) - scale(least)) / span;
  const ticks = ownTicksOf(numbers, toPlace) ?? ticksOf(least, greatest, isLog);
  return { name, kind: isLog ? "log" : "linear", ticks, toPlace };
}

function wordAxis(name, values) {
  const words = [...new Set(values)].toSorted(compareNames);
  const toPlace = (value) => {
    const at = words.indexOf(String(value));
    return at < 0 ? undefined : words.length === 1 ? 0.5 : at / (words.length - 1);
  };
  return { name, kind: "words", ticks: words.map((text) => ({ value: text, place: toPlace(text) })), toPlace };
}

/** The values themselves where they are few, undefined where they are many. */
function ownTicksOf(numbers, toPlace) {
  const values = [...new Set(numbers)].toSorted((a, b) => a - b);
  if (values.length > MAX_OWN_TICKS) {
    return undefined;
  }
  let last = -Infinity;
  return values.flatMap((value) => {
    const place = toPlace(value);
    if (place - last < MIN_TICK_GAP) {
      return [];
    }
    last = place;
    return [{ value, place }];
  });
}

function ticksOf(least, greatest, isLog) {
  return [0, 0.25, 0.5, 0.75, 1].map((place) => ({
    place,
    value: isLog ? least * (greatest / least) ** place : least + (greatest - least) * place,
  }));
}

/** 0 for the worst of all runs, 1 for the best; the middle where the name of the metric does not tell what is good. */
export function goodnessOf({ lines, direction }) {
  const values = lines.map(({ value }) => value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return ({ value }) => {
    const share = greatest === least ? 0.5 : (value - least) / (greatest - least);
    return direction === "min" ? 1 - share : share;
  };
}

/** How strongly a parameter goes along with the metric: Spearman's rank correlation; undefined for words. */
export function correlationOf(lines, at) {
  const pairs = lines
    .map(({ values, value }) => [Number(values[at]), value])
    .filter((pair) => pair.every(Number.isFinite));
  if (pairs.length < MIN_SWEEP_RUNS) {
    return undefined;
  }
  const [left, right] = [0, 1].map((side) => ranksOf(pairs.map((pair) => pair[side])));
  const center = (pairs.length + 1) / 2;
  const sum = (pick) => left.reduce((total, _, index) => total + pick(left[index] - center, right[index] - center), 0);
  const spread = Math.sqrt(sum((a) => a * a) * sum((_a, b) => b * b));
  return spread === 0 ? undefined : sum((a, b) => a * b) / spread;
}

/** Equal values share the mean of their ranks. */
function ranksOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}
