import type { ScalarSeries } from "../metrics/scalarSeries.ts";

export type CurveAxis = "step" | "relative" | "wall";

/** What of the curves is to be drawn. */
export type CurveView = {
  axis: CurveAxis;
  /** From 0, as it is, to below 1: the weight of what came before, as TensorBoard's slider means it. */
  smoothing: number;
  /** Points of one curve at most; a pixel shows no more than its lowest and its highest value. */
  maxPoints: number;
  /** The part of the axis that is zoomed into; for `relative` and `wall` in seconds. */
  range?: readonly [number, number] | undefined;
};

export type CurvePoints = {
  x: Float64Array;
  /** As logged. */
  values: Float64Array;
  /** The smoothed curve at the same places; the same array where nothing is smoothed. */
  smoothed: Float64Array;
};

/** The points of a series to draw; undefined where the axis asks for times and the log has none. */
export function curvePoints(series: ScalarSeries, view: CurveView): CurvePoints | undefined {
  const axis = axisOf(series, view.axis);
  if (axis === undefined) {
    return undefined;
  }
  const [from, until] = indexRange(axis, view.range);
  const values = series.values;
  const smoothed = view.smoothing > 0 ? smooth(values, view.smoothing) : values;
  const chosen = thinOut(smoothed, [from, until], view.maxPoints);
  const pick = (column: Float64Array) => Float64Array.from(chosen, (index) => column[index] ?? Number.NaN);
  const shown = pick(smoothed);
  return { x: pick(axis), values: view.smoothing > 0 ? pick(values) : shown, smoothed: shown };
}

function axisOf(series: ScalarSeries, axis: CurveAxis): Float64Array | undefined {
  if (axis === "step") {
    return series.steps;
  }
  const times = series.wallTimes;
  const start = times[0] ?? Number.NaN;
  if (Number.isNaN(start)) {
    return undefined;
  }
  return axis === "wall" ? times : times.map((time) => time - start);
}

/** The indices inside of the range, and one more on either side so that the line runs on to the edge. */
function indexRange(axis: Float64Array, range: CurveView["range"]): [number, number] {
  if (range === undefined) {
    return [0, axis.length];
  }
  const first = axis.findIndex((x) => x >= range[0]);
  const last = axis.findLastIndex((x) => x <= range[1]);
  return [Math.max(0, (first === -1 ? axis.length : first) - 1), Math.min(axis.length, last + 2)];
}

/** The exponential mean without the pull towards zero at the start; NaN and infinities pass by it. */
function smooth(values: Float64Array, weight: number): Float64Array {
  let mean = 0;
  let count = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) {
      return value;
    }
    mean = mean * weight + (1 - weight) * value;
    count++;
    return mean / (1 - weight ** count);
  });
}

/** Indices of the lowest and highest value of each block, and of the first and last point. */
function thinOut(values: Float64Array, [from, until]: [number, number], maxPoints: number): number[] {
  const count = until - from;
  if (count <= maxPoints) {
    return Array.from({ length: Math.max(0, count) }, (_, index) => from + index);
  }
  const blockSize = Math.ceil((2 * count) / (maxPoints - 2));
  const chosen = [from];
  for (let start = from + 1; start < until - 1; start += blockSize) {
    chosen.push(...extremesOf(values, start, Math.min(start + blockSize, until - 1)));
  }
  return [...chosen, until - 1];
}

function extremesOf(values: Float64Array, start: number, end: number): number[] {
  let low = start;
  let high = start;
  for (let index = start; index < end; index++) {
    const value = values[index] ?? Number.NaN;
    // The second half of each lets a number take the place of a NaN.
    if (value < (values[low] ?? 0) || Number.isNaN(values[low])) {
      low = index;
    }
    if (value > (values[high] ?? 0) || Number.isNaN(values[high])) {
      high = index;
    }
  }
  return low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
}
