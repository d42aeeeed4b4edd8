import type { Column, Series } from "../metrics/series.ts";
import { Extremes } from "./extremes.ts";
import { type SeriesSummary, SummaryFold } from "./summarizeSeries.ts";

/** A series as it is drawn: thinned out, with what all of its values come to. */
export type CurveSeries = {
  tag: string;
  steps: number[];
  /** Milliseconds since 1970; NaN where the log does not tell. */
  times: number[];
  values: number[];
  summary: SeriesSummary;
};

/**
 * Keeps of every stretch of a series its first, least, greatest and last value, so that no peak and no gap is lost however far
 * the picture is zoomed out. Asked again about a series that has grown, it looks at what was added.
 */
class CurveThinner {
  #extremes = new Extremes();
  #summary: SummaryFold | undefined;
  #taken = 0;
  #generation = 0;

  /** Undefined for a series without values. */
  curve(series: Series, maxPoints: number): CurveSeries | undefined {
    this.#take(series);
    const summary = this.#summary?.summary(series);
    if (summary === undefined) {
      return undefined;
    }
    const { tag, steps, times, values } = series;
    const isShort = values.length <= maxPoints;
    const kept = isShort ? undefined : this.#extremes.pick(maxPoints);
    return { tag, steps: pick(steps, kept), times: pick(times, kept), values: pick(values, kept), summary };
  }

  #take(series: Series): void {
    const { tag, values, generation = 0 } = series;
    if (this.#summary === undefined || generation !== this.#generation || values.length < this.#taken) {
      this.#extremes = new Extremes();
      this.#summary = new SummaryFold(tag);
      this.#taken = 0;
      this.#generation = generation;
    }
    if (values.length > this.#taken) {
      this.#extremes.take(values);
      this.#summary.take(series, this.#taken);
      this.#taken = values.length;
    }
  }
}

function pick(column: Column, kept: readonly number[] | undefined): number[] {
  return kept?.map((index) => column[index] ?? Number.NaN) ?? Array.from(column);
}

const thinners = new WeakMap<Series, CurveThinner>();

/** The series thinned out for drawing; undefined for one without values. What was found out is kept with the series. */
export function curveSeries(series: Series, maxPoints: number): CurveSeries | undefined {
  const thinner = thinners.get(series) ?? new CurveThinner();
  thinners.set(series, thinner);
  return thinner.curve(series, maxPoints);
}
