/** One curve as it was logged: three columns of equal length, in the order in which the values were written. */
export type Series = {
  tag: string;
  steps: number[];
  /** Milliseconds since 1970; NaN where the log does not tell. */
  times: number[];
  values: number[];
};

/** One value of one metric. */
export type MetricPoint = { tag: string; step: number; timeMs: number; value: number };

/** More tags than this in one log are names that somebody makes up per step, not metrics. */
const MAX_TAGS = 2_000;

/** The series of one log. */
export class SeriesTable {
  readonly #series = new Map<string, Series>();

  add({ tag, step, timeMs, value }: MetricPoint): void {
    let series = this.#series.get(tag);
    if (series === undefined) {
      if (this.#series.size >= MAX_TAGS) {
        return;
      }
      series = { tag, steps: [], times: [], values: [] };
      this.#series.set(tag, series);
    }
    series.steps.push(step);
    series.times.push(timeMs);
    series.values.push(value);
  }

  /** Forgets every value from a step on: a restart of the training will write them again. */
  purgeFrom(step: number): void {
    for (const [tag, { steps, times, values }] of this.#series) {
      const kept = steps.flatMap((each, index) => (each < step ? [index] : []));
      const pick = (column: readonly number[]) => kept.map((index) => column[index] ?? Number.NaN);
      this.#series.set(tag, { tag, steps: pick(steps), times: pick(times), values: pick(values) });
    }
  }

  clear(): void {
    this.#series.clear();
  }

  all(): readonly Series[] {
    return [...this.#series.values()];
  }
}

/** Series of several logs of one run, joined by their tags in the order of the logs. */
export function joinSeries(logs: readonly (readonly Series[])[]): Series[] {
  const joined = new Map<string, Series>();
  for (const series of logs.flat()) {
    const known = joined.get(series.tag);
    joined.set(
      series.tag,
      known === undefined
        ? series
        : {
            tag: series.tag,
            steps: [...known.steps, ...series.steps],
            times: [...known.times, ...series.times],
            values: [...known.values, ...series.values],
          },
    );
  }
  return [...joined.values()];
}
