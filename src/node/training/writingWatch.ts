import { monotonicMs } from "../base/monotonicClock.ts";
import { writtenBytes } from "../base/processIdentity.ts";

const LOOK_MS = 500;
/** Less is written by what only logs. */
const MIN_BYTES = 64 * 1024;

/** Sees whether processes write files, as one does that saves a checkpoint. */
export class WritingWatch {
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #bytes: number | undefined;

  /** True when they have written since the last look; asked more often than twice a second, it does not look. */
  isWriting(list: () => readonly number[]): boolean {
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedAtMs < LOOK_MS) {
      return false;
    }
    this.#lookedAtMs = nowMs;
    const bytes = list().reduce((sum, pid) => sum + writtenBytes(pid), 0);
    const before = this.#bytes;
    this.#bytes = bytes;
    return before !== undefined && bytes - before >= MIN_BYTES;
  }
}
