/**
 * The exponential moving average of a growing column, without the pull towards zero at its beginning, as TensorBoard
 * draws it. It is taken over every value, not over those that a picture keeps, so it is the same at each zoom.
 */
export class SmoothedColumn {
  readonly weight: number;
  readonly values: number[] = [];
  #last = 0;
  #count = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  /** Takes what was added to the column. What is no finite number is left out of the average and stays a gap. */
  grow(column: ArrayLike<number>): void {
    for (let index = this.values.length; index < column.length; index++) {
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
}
