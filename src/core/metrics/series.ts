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

  append({ tag, steps, times, values }: Series): void {
    const known = this.#series.get(tag);
    if (known === undefined) {
      this.#series.set(tag, { tag, steps: [...steps], times: [...times], values: [...values] });
      return;
    }
    for (const [index, step] of steps.entries()) {
      known.steps.push(step);
      known.times.push(times[index] ?? Number.NaN);
      known.values.push(values[index] ?? Number.NaN);
    }
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

/** What one log of several has. */
export type LoggedSeries = {
  series: readonly Series[];
  /** The training started again at this step: what earlier logs have from there on was written anew. */
  restartStep?: number | undefined;
};

/** Series of several logs of one run, joined by their tags in the order of the logs. */
export function joinSeries(logs: readonly LoggedSeries[]): Series[] {
  const joined = new SeriesTable();
  for (const { series, restartStep } of logs) {
    if (restartStep !== undefined) {
      joined.purgeFrom(restartStep);
    }
    for (const each of series) {
      joined.append(each);
    }
  }
  return [...joined.all()];
}
