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
  return axis === "step" ? { incrs: WHOLE_STEPS, values: (_plot, splits) => splits.map(formatStep) } : {};
}

/** What is said at a place of an axis, `value` being that of the values. */
export function tickOf(axis) {
  return (value) => {
    switch (axis) {
      case "step":
        return { value, text: formatStep(value) };
      case "relative":
        return { value, text: formatSeconds(value) };
      case "wall":
        return { value, text: new Date(value * 1000).toLocaleTimeString() };
      default:
        return { value, text: formatValue(value) };
    }
  };
}

/** `400`, `12k`, `1.5M`. */
function formatStep(step) {
  if (Math.abs(step) < 10_000) {
    return formatValue(step);
  }
  return step >= 1e6 ? `${formatValue(step / 1e6)}M` : `${formatValue(step / 1e3)}k`;
}
