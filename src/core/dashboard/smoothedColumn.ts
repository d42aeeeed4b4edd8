import { Waypoints } from "./waypoints.ts";

/**
 * The exponential moving average of a growing column, without the pull towards zero at its beginning, as TensorBoard
 * draws it. It is taken over every value, not over those that a picture keeps, so it is the same at each zoom.
 */
export class SmoothedColumn {
  readonly weight: number;
  readonly values: number[] = [];
  #last = 0;
  #count = 0;
  readonly #waypoints = new Waypoints<{ last: number; count: number }>();

  constructor(weight: number) {
    this.weight = weight;
  }

  /** Takes what was added to the column. What is no finite number is left out of the average and stays a gap. */
  grow(column: ArrayLike<number>): void {
    for (let index = this.values.length; index < column.length; index++) {
      this.#waypoints.pass(index, () => ({ last: this.#last, count: this.#count }));
      const value = column[index] ?? Number.NaN;
      if (!Number.isFinite(value)) {
        this.values.push(Number.NaN);
        continue;
      }
      this.#last = this.#last * this.weight + (1 - this.weight) * value;
      this.#count += 1;
      this.values.push(this.#last / (1 - this.weight ** this.#count));
    }
  }

  /** Forgets the values behind the first `length`, and a few before, which the next call of `grow` takes again. */
  cut(length: number): void {
    const { index, state } = this.#waypoints.goBack(length) ?? { index: 0, state: { last: 0, count: 0 } };
    this.values.length = index;
    this.#last = state.last;
    this.#count = state.count;
  }
}
