import { GrowingSeries } from "./series.ts";

/** More tags than this in one log are names that somebody makes up per step, not metrics. */
const MAX_TAGS = 10_000;
/** The budget of one log: 240 MB, at 24 bytes a value with its time. Beyond it the longest series are thinned. */
const MAX_VALUES = 10_000_000;

/** A series that grows beyond what was expected is copied once more. */
const MARGIN = 1.05;

/** The series of one log, within a fixed memory. */
export class SeriesTable {
  readonly #maxValues: number;
  readonly #byTag = new Map<string, GrowingSeries>();
  readonly #series: GrowingSeries[] = [];
  #count = 0;
  #isFull = false;
  #isThinned = false;

  constructor(maxValues = MAX_VALUES) {
    this.#maxValues = maxValues;
  }

  /** What could not be kept, as a sentence. */
  get problem(): string | undefined {
    if (this.#isFull) {
      return `More than ${MAX_TAGS} metrics are logged; the others are left out.`;
    }
    return this.#isThinned
      ? `More than ${this.#maxValues} values are logged; of the longest curves every stretch keeps its least and greatest.`
      : undefined;
  }

  /** The series of a tag, begun where it is new; undefined where there are too many. */
  open(tag: string): GrowingSeries | undefined {
    const known = this.#byTag.get(tag);
    if (known !== undefined) {
      return known;
    }
    if (this.#series.length >= MAX_TAGS) {
      this.#isFull = true;
      return undefined;
    }
    const series = new GrowingSeries(tag);
    this.#byTag.set(tag, series);
    this.#series.push(series);
    return series;
  }

  /** Adds a value to a series of this table. */
  add(series: GrowingSeries, step: number, timeMs: number, value: number): void {
    series.add(step, timeMs, value);
    this.#count += 1;
    if (this.#count > this.#maxValues) {
      this.#thin();
    }
  }

  /**
   * The whole log is so many times as long as what was read of it, and each series will be, as far as is known. All of them
   * together get no more room than the values that are kept.
   */
  expect(share: number): void {
    const growth = Math.min(share * MARGIN, this.#maxValues / Math.max(1, this.#count));
    for (const series of this.#series) {
      series.expected = series.length * growth;
    }
  }

  /** Forgets every value from a step on: a restart of the training will write them again. */
  purgeFrom(step: number): void {
    for (const series of this.#series) {
      series.purgeFrom(step);
    }
    this.#count = this.#sum();
  }

  /** The training begins anew, from a step that the next values tell. */
  noteRestart(): void {
    for (const series of this.#series) {
      series.noteRestart();
    }
  }

  /** Forgets every value, for a reader that keeps none; the series stay open. */
  clear(): void {
    for (const series of this.#series) {
      series.clear();
    }
    this.#count = 0;
  }

  /** Those with values, in the order in which they began. */
  all(): readonly GrowingSeries[] {
    return this.#series.filter(({ length }) => length > 0);
  }

  /** Halves every series that is at least half as long as the longest, so that it is not called for each value. */
  #thin(): void {
    this.#isThinned = true;
    const longest = Math.max(...this.#series.map(({ length }) => length));
    for (const series of this.#series) {
      if (series.length * 2 >= longest) {
        series.thin();
      }
    }
    this.#count = this.#sum();
  }

  #sum(): number {
    return this.#series.reduce((sum, { length }) => sum + length, 0);
  }
}
