/** A training that was resumed writes so many steps again; where fewer come again, values came late or from a second writer. */
const MIN_REPEATED = 3;

/**
 * Finds where a count over the whole training went back to an earlier checkpoint. That is known only once several steps are
 * written again, in ascending order. A count that begins again at its first step is another training, which supersedes nothing.
 */
export class RepeatedSteps {
  #first: number | undefined;
  #last = -Infinity;
  /** Where the count went back, up to which step it repeats what was written, and how many steps it has repeated. */
  #back: { at: number; until: number; count: number } | undefined;

  /** Takes the step of the value at an index. Gives the index at which the training was resumed, once that is known. */
  take(step: number, index: number): number | undefined {
    this.#first ??= step;
    if (step < this.#last) {
      this.#back = step > this.#first ? { at: index, until: this.#last, count: 1 } : undefined;
    } else if (this.#back !== undefined && step > this.#last) {
      this.#back.count += 1;
      this.#back = step <= this.#back.until ? this.#back : undefined;
    }
    this.#last = step;
    if (this.#back?.count !== MIN_REPEATED) {
      return undefined;
    }
    const { at } = this.#back;
    this.#back = undefined;
    return at;
  }

  /** The indexes have changed: a step back that is not decided yet is left. */
  forgetIndexes(): void {
    this.#back = undefined;
  }
}
