/** Longer than any single call of the system takes on a disk that answers, and than any file within its limits is walked. */
export const SILENCE_MS = 30_000;

/** While something waits for a thread, sees whether it still counts up. */
export class SilenceWatch implements Disposable {
  readonly #calls: Int32Array;
  readonly #onSilence: () => void;
  #waitingCount = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `calls` is memory shared with the thread; `onSilence` is told when it stayed the same for `SILENCE_MS`. */
  constructor(calls: Int32Array, onSilence: () => void) {
    this.#calls = calls;
    this.#onSilence = onSilence;
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#waitingCount++;
    this.#timer ??= this.#start();
    try {
      return await work();
    } finally {
      this.#waitingCount--;
      if (this.#waitingCount === 0) {
        this[Symbol.dispose]();
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): NodeJS.Timeout {
    let last = Atomics.load(this.#calls, 0);
    return setInterval(() => {
      const now = Atomics.load(this.#calls, 0);
      if (now === last) {
        this.#onSilence();
      }
      last = now;
    }, SILENCE_MS);
  }
}
