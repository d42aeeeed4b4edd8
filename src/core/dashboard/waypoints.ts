/** So many values are taken anew at most where a fold goes back. */
const STRIDE = 1_024;

/** What a fold over a growing column had come to at every so manieth value, so that it need not begin anew to go back. */
export class Waypoints<State> {
  readonly #states: State[] = [];

  /** To be called before the value at `index` is taken; `state` is asked at each first value of a stride. */
  pass(index: number, state: () => State): void {
    if (index === this.#states.length * STRIDE) {
      this.#states.push(state());
    }
  }

  /** The last waypoint that is not beyond the first `length` values; later ones are forgotten. Undefined where nothing was taken. */
  goBack(length: number): { index: number; state: State } | undefined {
    this.#states.length = Math.min(this.#states.length, Math.floor(length / STRIDE) + 1);
    const state = this.#states.at(-1);
    return state === undefined ? undefined : { index: (this.#states.length - 1) * STRIDE, state };
  }
}
