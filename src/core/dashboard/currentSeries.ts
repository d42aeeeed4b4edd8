import { GrowingSeries, type Series } from "../metrics/series.ts";

/** Values that a later one took the place of: how many, from which step on, and how many times the steps went back for that. */
export type Superseded = { count: number; fromStep: number; times: number };

/**
 * A series as it is drawn. Where the training began anew, which its log tells by steps that go back, what was written before
 * from that step on is superseded: the curve goes on with what was written later, as it does in TensorBoard with its fast
 * loading. The series itself keeps every value, as TensorBoard's `EventAccumulator` does.
 */
export class CurrentSeries {
  #series: Series;
  #own: GrowingSeries | undefined;
  superseded: Superseded | undefined;

  constructor(series: Series) {
    this.#series = series;
  }

  get series(): Series {
    return this.#own ?? this.#series;
  }

  /**
   * Takes the series with what was added behind its first `from` values, which were taken before. Gives how many of the values
   * that were drawn before are drawn still.
   */
  grow(series: Series, from: number): number {
    let kept = this.#own?.length ?? from;
    this.#series = series;
    const { steps, times, values, restartsAt } = series;
    // What was taken last is the last of both, of what was logged and of what is drawn.
    let before = steps[from - 1] ?? Number.NaN;
    for (let index = from; index < values.length; index++) {
      const step = steps[index] ?? Number.NaN;
      if (step < before && (restartsAt === "any" || restartsAt?.has(index) === true)) {
        kept = Math.min(kept, this.#goBack(step, index));
      }
      before = step;
      this.#own?.add(step, times[index] ?? Number.NaN, values[index] ?? Number.NaN);
    }
    if (this.#own !== undefined) {
      this.#own.omitted = series.omitted ?? 0;
    }
    return kept;
  }

  /** Gives how many values are left. */
  #goBack(step: number, index: number): number {
    this.#own ??= firstOf(this.#series, index);
    const before = this.#own.length;
    this.#own.dropTail(step);
    this.superseded = {
      count: (this.superseded?.count ?? 0) + before - this.#own.length,
      fromStep: Math.min(this.superseded?.fromStep ?? Infinity, step),
      times: (this.superseded?.times ?? 0) + 1,
    };
    return this.#own.length;
  }
}

/** A whole series as it is drawn. */
export function currentOf(series: Series): CurrentSeries {
  const current = new CurrentSeries(series);
  current.grow(series, 0);
  return current;
}

function firstOf({ tag, steps, times, values }: Series, count: number): GrowingSeries {
  const first = new GrowingSeries(tag);
  for (let index = 0; index < count; index++) {
    first.add(steps[index] ?? Number.NaN, times[index] ?? Number.NaN, values[index] ?? Number.NaN);
  }
  return first;
}
