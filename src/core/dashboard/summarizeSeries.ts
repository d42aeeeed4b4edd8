import { inferMetricDirection } from "../checkpoints/metricNames.ts";
import type { Series } from "../metrics/series.ts";
import { type CurrentSeries, currentOf, type Superseded } from "./currentSeries.ts";
import { Waypoints } from "./waypoints.ts";

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
  /** Steps went back: what was written before from there on does not count. */
  superseded?: Superseded;
};

/** Fewer values than this have no trend. */
const MIN_TREND_VALUES = 10;
const TREND_SHARE = 0.2;
/** A change below this share of the whole range is noise. */
const FLAT_SHARE = 0.02;
/** Of a longer last fifth every so manieth value is looked at, so that a trend costs the same however long the series is. */
const MAX_TREND_SAMPLES = 4_000;

/** Undefined for a series without values. */
export function summarizeSeries(series: Series): SeriesSummary | undefined {
  const fold = new SummaryFold(series.tag);
  const current = currentOf(series);
  fold.take(current.series);
  return fold.summary(current);
}

/** What the values that were taken come to. */
type Folded = {
  readonly best: { value: number; step: number } | undefined;
  readonly broken: { count: number; firstStep: number } | undefined;
  readonly least: number;
  readonly greatest: number;
};

const NOTHING: Folded = { best: undefined, broken: undefined, least: Infinity, greatest: -Infinity };

/** Sums up a series that grows: each call of `take` costs what was added. */
export class SummaryFold {
  readonly #direction: "min" | "max" | undefined;
  #folded = NOTHING;
  #length = 0;
  readonly #waypoints = new Waypoints<Folded>();

  constructor(tag: string) {
    this.#direction = inferMetricDirection(tag);
  }

  /** Looks at the values that were not taken yet. */
  take({ steps, values }: Series): void {
    for (; this.#length < values.length; this.#length++) {
      this.#waypoints.pass(this.#length, () => this.#folded);
      this.#takeValue(values[this.#length] ?? Number.NaN, steps[this.#length] ?? 0);
    }
  }

  /** Forgets the values behind the first `length`, and a few before, which the next call of `take` takes again. */
  cut(length: number): void {
    const { index, state } = this.#waypoints.goBack(length) ?? { index: 0, state: NOTHING };
    this.#length = index;
    this.#folded = state;
  }

  #takeValue(value: number, step: number): void {
    const { best, broken, least, greatest } = this.#folded;
    if (!Number.isFinite(value)) {
      this.#folded = {
        ...this.#folded,
        broken: { count: (broken?.count ?? 0) + 1, firstStep: broken?.firstStep ?? step },
      };
      return;
    }
    if (value >= least && value <= greatest) {
      return;
    }
    const isBest = this.#direction === "min" ? value < least : value > greatest;
    this.#folded = {
      best: this.#direction !== undefined && isBest ? { value, step } : best,
      broken,
      least: Math.min(least, value),
      greatest: Math.max(greatest, value),
    };
  }

  /** What the series comes to, of which all values were taken; undefined where there are none. */
  summary({ series, superseded }: Pick<CurrentSeries, "series" | "superseded">): SeriesSummary | undefined {
    const { tag, steps, values, omitted = 0 } = series;
    const { best, broken } = this.#folded;
    const [first, last] = [values.at(0), values.at(-1)];
    if (first === undefined || last === undefined) {
      return undefined;
    }
    return {
      tag,
      count: values.length + omitted,
      first,
      last,
      lastStep: steps.at(-1) ?? 0,
      ...(best && this.#direction ? { best: { ...best, direction: this.#direction } } : {}),
      trend: this.#trendOf(values),
      ...(broken === undefined ? {} : { broken }),
      ...(superseded === undefined ? {} : { superseded }),
    };
  }

  /** The halves of the last fifth, compared with the range of all values. */
  #trendOf(values: Series["values"]): SeriesSummary["trend"] {
    const { broken, least, greatest } = this.#folded;
    const finiteCount = values.length - (broken?.count ?? 0);
    if (finiteCount < MIN_TREND_VALUES) {
      return "too short to tell";
    }
    const tail = lastFinite(values, Math.max(4, Math.round(finiteCount * TREND_SHARE)));
    const half = Math.ceil(tail.length / 2);
    const change = mean(tail.slice(0, half)) - mean(tail.slice(half));
    if (Math.abs(change) <= FLAT_SHARE * (greatest - least)) {
      return "flat";
    }
    return change < 0 ? "falling" : "rising";
  }
}

/** The last `count` finite values, or an even sample of so many, the newest first. */
function lastFinite(values: Series["values"], count: number): number[] {
  const stride = Math.ceil(count / MAX_TREND_SAMPLES);
  const found: number[] = [];
  for (let index = values.length - 1; index >= 0 && found.length * stride < count; index -= stride) {
    const value = values[index] ?? Number.NaN;
    if (Number.isFinite(value)) {
      found.push(value);
    }
  }
  return found;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
