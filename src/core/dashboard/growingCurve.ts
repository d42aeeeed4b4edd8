import type { Series } from "../metrics/series.ts";
import { CurrentSeries } from "./currentSeries.ts";
import { inDrawnOrder } from "./drawnOrder.ts";
import { SmoothedColumn } from "./smoothedColumn.ts";
import { type SeriesSummary, SummaryFold } from "./summarizeSeries.ts";
import { stretchOf, ValuePyramid } from "./valuePyramid.ts";

/** The columns of a curve as it is drawn: of equal length, in the order in which the values were written. */
export type CurvePoints = {
  steps: Float64Array;
  /** Milliseconds since 1970; NaN where the log does not tell. */
  times: Float64Array;
  values: Float64Array;
  /** The average of all values at these, where one was asked for. */
  smoothed?: Float64Array;
  /** Of the stretch that each of these was kept of, the mean of all values, where it was asked for; NaN at what is no number. */
  means?: Float64Array;
};

/** A series as it is sent: what all of its values come to, and where it is drawn, its points. */
export type CurveSeries = { tag: string; summary: SeriesSummary; points?: CurvePoints };

/** The stretch of an axis that is in sight. Times in milliseconds since 1970. */
export type CurveWindow = { axis: "steps" | "times"; from: number; until: number };

/** How finely a curve is drawn, and where. */
export type CurveDetail = {
  /** Infinity asks for every value that was logged, those that are superseded as well. */
  maxPoints: number;
  /** The weight of what came before; 0 asks for no average. */
  smoothing: number;
  /** Whether the means are wanted, as the mean of several curves needs them: what is kept to draw one is its extremes. */
  withMeans?: boolean;
  window?: CurveWindow | undefined;
};

const EMPTY: Series = { tag: "", steps: [], times: [], values: [] };

/** One curve that follows its series: an update costs what was added, a picture costs its points. */
export class GrowingCurve {
  #current = new CurrentSeries(EMPTY);
  /** The series as it was logged. */
  #logged: Series = EMPTY;
  #summary = new SummaryFold("");
  #pyramid = new ValuePyramid();
  #smoothed: SmoothedColumn | undefined;
  /** How many values were logged, and how many of those that are drawn were folded. */
  #length = 0;
  #folded = 0;
  /** What the series was then, which may itself have grown since. */
  #end = { step: Number.NaN, value: Number.NaN, first: Number.NaN, generation: 0 };
  readonly #isSorted = { steps: true, times: true };

  /** Takes the series with what was added. One that was written anew is read from its beginning. */
  grow(series: Series): void {
    if (!this.#isContinuedBy(series)) {
      this.#current = new CurrentSeries(series);
      this.#length = 0;
      this.#begin(series.tag);
    }
    this.#logged = series;
    this.#cut(this.#current.grow(series, this.#length));
    this.#fold();
    this.#length = series.values.length;
    const last = this.#length - 1;
    this.#end = {
      step: series.steps[last] ?? Number.NaN,
      value: series.values[last] ?? Number.NaN,
      first: series.values[0] ?? Number.NaN,
      generation: series.generation ?? 0,
    };
  }

  #begin(tag: string): void {
    this.#summary = new SummaryFold(tag);
    this.#pyramid = new ValuePyramid();
    this.#smoothed = undefined;
    this.#folded = 0;
    this.#isSorted.steps = true;
    this.#isSorted.times = true;
  }

  /** Forgets what is not drawn any more. A column that was unsorted is held to be so still. */
  #cut(length: number): void {
    if (length < this.#folded) {
      this.#summary.cut(length);
      this.#pyramid.cut(length);
      this.#smoothed?.cut(length);
      this.#folded = length;
    }
  }

  #fold(): void {
    const { series } = this.#current;
    this.#summary.take(series);
    this.#pyramid.grow(series.values);
    for (const axis of ["steps", "times"] as const) {
      this.#isSorted[axis] &&= isSortedFrom(series[axis], this.#folded);
    }
    this.#folded = series.values.length;
  }

  get summary(): SeriesSummary | undefined {
    return this.#summary.summary(this.#current);
  }

  points({ maxPoints, smoothing, window, withMeans = false }: CurveDetail): CurvePoints {
    if (maxPoints === Infinity) {
      const { steps, times, values } = this.#logged;
      return { steps: Float64Array.from(steps), times: Float64Array.from(times), values: Float64Array.from(values) };
    }
    const { series } = this.#current;
    const { steps, times, values } = series;
    const [from, until] = window === undefined ? [0, this.#folded] : this.#indexesOf(window);
    const kept = inDrawnOrder(this.#pyramid.pick(from, until, maxPoints), series, window?.axis);
    const pick = (column: ArrayLike<number>) => Float64Array.from(kept, (index) => column[index] ?? Number.NaN);
    const points = { steps: pick(steps), times: pick(times), values: pick(values) };
    return {
      ...points,
      ...(smoothing > 0 ? { smoothed: pick(this.#smooth(smoothing)) } : {}),
      ...(withMeans ? { means: this.#pyramid.means(kept, stretchOf(until - from, maxPoints)) } : {}),
    };
  }

  #smooth(weight: number): readonly number[] {
    if (this.#smoothed?.weight !== weight) {
      this.#smoothed = new SmoothedColumn(weight);
    }
    this.#smoothed.grow(this.#current.series.values);
    return this.#smoothed.values;
  }

  /** The indexes of a stretch and of one value at each side of it, which a line that leaves the picture goes to. */
  #indexesOf({ axis, from, until }: CurveWindow): [number, number] {
    if (!this.#isSorted[axis]) {
      return [0, this.#folded];
    }
    const column = this.#current.series[axis];
    const begin = lowerBound(column, from);
    return [Math.max(0, begin - 1), Math.min(this.#folded, Math.max(begin, lowerBound(column, until)) + 1)];
  }

  #isContinuedBy({ tag, steps, values, generation = 0 }: Series): boolean {
    const last = this.#length - 1;
    return (
      last >= 0 &&
      tag === this.#logged.tag &&
      generation === this.#end.generation &&
      values.length > last &&
      Object.is(values[last], this.#end.value) &&
      Object.is(steps[last], this.#end.step) &&
      Object.is(values[0], this.#end.first)
    );
  }
}

/** NaN makes a column unsorted, since nothing can be looked up in it. */
function isSortedFrom(column: ArrayLike<number>, from: number): boolean {
  for (let index = Math.max(1, from); index < column.length; index++) {
    if (!((column[index] ?? Number.NaN) >= (column[index - 1] ?? Number.NaN))) {
      return false;
    }
  }
  return true;
}

/** The first index whose value is not less. */
function lowerBound(column: ArrayLike<number>, wanted: number): number {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? Infinity) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
