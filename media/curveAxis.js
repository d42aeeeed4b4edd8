// What stands along the axes of a chart. Nothing here knows the page, so that node can test it.
import { formatSeconds, formatValue } from "./curveData.js";

const SECOND_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800];

/** There is no half step. */
const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Where an axis may be divided, and what is said there. */
export function placesOf(axis) {
  if (axis === "relative") {
    return { incrs: SECOND_STEPS, values: (_plot, splits) => splits.map(formatSeconds) };
  }
  return axis === "step"
    ? {
        incrs: WHOLE_STEPS,
        space: (_plot, _axis, min, max) => roomOf(min, max),
        values: (_plot, splits) => formatSteps(splits),
      }
    : {};
}

/** Enough for `0.01235`, so that most charts below each other begin at one place. */
const LEAST_VALUE_PIXELS = 58;
/** Of one character in the font of the axes. */
const CHARACTER_PIXELS = 6.5;
/** Between a text and the chart. */
const GAP_PIXELS = 12;

/** The same for the axis of the values; `note` is told where it is divided. */
export function placesOfValues(isLog, note) {
  return {
    // Before anything is divided uPlot asks without texts.
    size: (_plot, texts) => valuePixels(texts ?? []),
    values: (_plot, splits) => note(splits).map(formatTick),
    // Without a filter of its own uPlot says nothing at most places of a logarithmic axis.
    ...(isLog ? { splits: (_plot, _axis, min, max) => logPlaces(min, max), filter: (_plot, splits) => splits } : {}),
  };
}

function valuePixels(texts) {
  const longest = Math.max(0, ...texts.map((text) => text?.length ?? 0));
  return Math.max(LEAST_VALUE_PIXELS, Math.ceil(longest * CHARACTER_PIXELS) + GAP_PIXELS);
}

/** Below this the zeros take more room than there is: `2e-5`. */
const LEAST_DECIMAL = 1e-4;

function formatTick(value) {
  return value !== 0 && Math.abs(value) < LEAST_DECIMAL
    ? Number(value.toPrecision(4)).toExponential()
    : formatValue(value);
}

/** So many divisions of a logarithmic axis have room beside each other. */
const MAX_DIVISIONS = 8;
/** Of values that lie closer, the places of a linear axis are the rounder ones. */
const CLOSE_DECADES = 0.7;

/** Where a logarithmic axis is divided: at powers of ten, at their doubles and fives where there is room, or as a linear one. */
export function logPlaces(min, max) {
  const decades = Math.log10(max / min);
  if (decades < CLOSE_DECADES) {
    return linearPlaces(min, max);
  }
  const digits = decades <= MAX_DIVISIONS / 3 ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / MAX_DIVISIONS);
  const first = Math.floor(Math.log10(min) / every) * every;
  const powers = Array.from({ length: Math.ceil(decades / every) + 2 }, (_, at) => first + at * every);
  // Read as a text a power is exact: 10 ** -24 is not.
  const places = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  return places.filter((place) => place >= min && place <= max);
}

function linearPlaces(min, max) {
  const power = Math.floor(Math.log10(max - min));
  const steps = [1, 2, 5, 10].map((digit) => Number(`${digit}e${power}`));
  const step = steps.find((each) => (max - min) / each <= MAX_DIVISIONS / 2) ?? steps.at(-1);
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

/** What is said at a place of an axis, `value` being that of the values. */
export function tickOf(axis) {
  return (value, at, values) => {
    switch (axis) {
      case "step":
        return { value, text: formatSteps(values)[at] };
      case "relative":
        return { value, text: formatSeconds(value) };
      case "wall":
        return { value, text: new Date(value * 1000).toLocaleTimeString() };
      default:
        return { value, text: formatTick(value) };
    }
  };
}

/** uPlot's own, enough for a short number. */
const ROOM_PIXELS = 50;
const DIGIT_PIXELS = 8;
/** Of a stretch that is less than this share of its steps, short numbers may say the same. */
const CLOSE_SHARE = 0.01;

/** The room in pixels that the number of a step takes at least. */
function roomOf(min, max) {
  const isClose = max - min < CLOSE_SHARE * Math.max(Math.abs(min), Math.abs(max));
  return isClose ? Math.max(ROOM_PIXELS, DIGIT_PIXELS * formatWhole(max).length) : ROOM_PIXELS;
}

/** Short numbers, or whole ones where the steps lie so close that the short ones say the same. */
function formatSteps(steps) {
  const short = steps.map(formatStep);
  return new Set(short).size === short.length ? short : steps.map(formatWhole);
}

function formatWhole(step) {
  return step.toLocaleString("en", { maximumFractionDigits: 0 });
}

/** `400`, `12k`, `1.5M`. */
function formatStep(step) {
  if (Math.abs(step) < 10_000) {
    return formatValue(step);
  }
  return step >= 1e6 ? `${formatValue(step / 1e6)}M` : `${formatValue(step / 1e3)}k`;
}
