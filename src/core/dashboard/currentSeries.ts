import { GrowingSeries, type Series } from "../metrics/series.ts";

/** Values that a later one took the place of: how many, and from which step on. */
export type Superseded = { count: number; fromStep: number };

/**
 * A series as it is drawn. Where its steps go back, a training began anew from there, and what was written before from that
 * step on is superseded: the curve goes on with what was written later, as it does in TensorBoard with its fast loading. The
 * series itself keeps every value, as TensorBoard's `EventAccumulator` does.
 */
export class CurrentSeries {
  #series: Series;
  #own: GrowingSeries | undefined;
  /** Another number than before says that values were taken away. */
  revision = 0;
  superseded: Superseded | undefined;

  constructor(series: Series) {
    this.#series = series;
  }

  get series(): Series {
    return this.#own ?? this.#series;
  }

  /** Takes the series with what was added behind its first `from` values, which were taken before. */
  grow(series: Series, from: number): void {
    this.#series = series;
    const { steps, times, values } = series;
    // What was taken last is the last of both, of what was logged and of what is drawn.
    let before = steps[from - 1] ?? Number.NaN;
    for (let index = from; index < values.length; index++) {
      const step = steps[index] ?? Number.NaN;
      if (step < before) {
        this.#goBack(step, index);
      }
      before = step;
      this.#own?.add(step, times[index] ?? Number.NaN, values[index] ?? Number.NaN);
    }
    if (this.#own !== undefined) {
      this.#own.omitted = series.omitted ?? 0;
    }
  }

  #goBack(step: number, index: number): void {
    this.#own ??= firstOf(this.#series, index);
    const before = this.#own.length;
    this.#own.purgeFrom(step);
    this.revision += 1;
    this.superseded = {
      count: (this.superseded?.count ?? 0) + before - this.#own.length,
      fromStep: Math.min(this.superseded?.fromStep ?? Infinity, step),
    };
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
