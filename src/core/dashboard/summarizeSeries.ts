import { inferMetricDirection } from "../checkpoints/metricNames.ts";
import type { Series } from "../metrics/series.ts";

/** What a curve comes to, for a table, a model and a screen reader. */
export type SeriesSummary = {
  tag: string;
  count: number;
  first: number;
  last: number;
  lastStep: number;
  /** By the direction that the name tells: the least loss, the greatest accuracy. */
  best?: { value: number; step: number; direction: "min" | "max" };
  /** How the last fifth went. */
  trend: "falling" | "rising" | "flat" | "too short to tell";
  /** How many values are NaN or infinite, and at which step the first of them is. */
  broken?: { count: number; firstStep: number };
};

/** Undefined for a series without values. */
export function summarizeSeries({ tag, steps, values }: Series): SeriesSummary | undefined {
  const growing = new GrowingSummary(tag);
  growing.grow(steps, values);
  return growing.summary;
}

type Values = ArrayLike<number>;

/** Fewer values than this have no trend. */
const MIN_TREND_VALUES = 10;
const TREND_SHARE = 0.2;
/** A change below this share of the whole range is noise. */
const FLAT_SHARE = 0.02;
/** The trend looks at a fifth of all values, so it is found anew only when there are this much more of them. */
const TREND_GROWTH = 1.01;

/** What a series comes to, kept up to date: a new value costs the same however many there were before it. */
export class GrowingSummary {
  readonly #tag: string;
  readonly #direction: "min" | "max" | undefined;
  #count = 0;
  #first = 0;
  #last = 0;
  #lastStep = 0;
  #best: { value: number; step: number } | undefined;
  #least = Infinity;
  #greatest = -Infinity;
  #broken: { count: number; firstStep: number } | undefined;
  #trend: { value: SeriesSummary["trend"]; atCount: number } = { value: "too short to tell", atCount: 0 };

  constructor(tag: string) {
    this.#tag = tag;
    this.#direction = inferMetricDirection(tag);
  }

  /** Takes what was added to the columns since the last time. */
  grow(steps: Values, values: Values): void {
    if (this.#count === 0) {
      this.#first = values[0] ?? 0;
    }
    for (let index = this.#count; index < values.length; index++) {
      this.#add(values[index] ?? Number.NaN, steps[index] ?? 0);
    }
    this.#count = values.length;
    this.#last = values[this.#count - 1] ?? 0;
    this.#lastStep = steps[this.#count - 1] ?? 0;
    if (this.#count >= this.#trend.atCount * TREND_GROWTH) {
      this.#trend = { value: this.#findTrend(values), atCount: this.#count };
    }
  }

  /** Undefined for a series without values. */
  get summary(): SeriesSummary | undefined {
    if (this.#count === 0) {
      return undefined;
    }
    const direction = this.#direction;
    return {
      tag: this.#tag,
      count: this.#count,
      first: this.#first,
      last: this.#last,
      lastStep: this.#lastStep,
      ...(direction === undefined || this.#best === undefined ? {} : { best: { ...this.#best, direction } }),
      trend: this.#trend.value,
      ...(this.#broken === undefined ? {} : { broken: { ...this.#broken } }),
    };
  }

  #add(value: number, step: number): void {
    if (!Number.isFinite(value)) {
      this.#broken ??= { count: 0, firstStep: step };
      this.#broken.count += 1;
      return;
    }
    this.#least = Math.min(this.#least, value);
    this.#greatest = Math.max(this.#greatest, value);
    if (this.#best === undefined || (this.#direction === "min" ? value < this.#best.value : value > this.#best.value)) {
      this.#best = { value, step };
    }
  }

  /** The halves of the last fifth, compared with the range of all values. */
  #findTrend(values: Values): SeriesSummary["trend"] {
    const finite = this.#count - (this.#broken?.count ?? 0);
    if (finite < MIN_TREND_VALUES) {
      return "too short to tell";
    }
    const wanted = Math.max(4, Math.round(finite * TREND_SHARE));
    const tail: number[] = [];
    for (let index = values.length - 1; index >= 0 && tail.length < wanted; index--) {
      const value = values[index] ?? Number.NaN;
      if (Number.isFinite(value)) {
        tail.push(value);
      }
    }
    // The tail was collected from its end.
    const half = tail.length - Math.floor(tail.length / 2);
    const change = mean(tail.slice(0, half)) - mean(tail.slice(half));
    if (Math.abs(change) <= FLAT_SHARE * (this.#greatest - this.#least)) {
      return "flat";
    }
    return change < 0 ? "falling" : "rising";
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
