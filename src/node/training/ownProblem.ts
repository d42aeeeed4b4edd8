import { messageOf } from "../../core/base/errors.ts";
import { monotonicMs } from "../base/monotonicClock.ts";

/** So long a mistake of ours that did not come again stays in the status; the log keeps it. */
const SHOWN_MS = 10 * 60_000;

/** What the owner of a run has to say of its own work in the status of the run. */
export class OwnProblem {
  readonly #now: () => number;
  /** It belongs to the end of the run and stays. */
  #lasting: string | undefined;
  #error: { text: string; atMs: number } | undefined;

  constructor(now = monotonicMs) {
    this.#now = now;
  }

  /** Undefined where there is none, or none any more. */
  get text(): string | undefined {
    const isOver = this.#error !== undefined && this.#now() - this.#error.atMs >= SHOWN_MS;
    return this.#lasting ?? (isOver ? undefined : this.#error?.text);
  }

  set(text: string): void {
    this.#lasting = text;
  }

  /** The same, where there is none yet. */
  setFirst(text: string | undefined): void {
    this.#lasting ??= text;
  }

  /** A mistake of ours that the run outlives; `note` writes it to the log, unless it is there already. */
  noteError(error: unknown, note: (text: string) => void): void {
    const text = `The supervisor met an internal error and went on: ${messageOf(error)}.`;
    const isNew = text !== this.text;
    this.#error = { text, atMs: this.#now() };
    if (isNew) {
      try {
        note(text);
      } catch {
        // The mistake may be one of the log; the status has it.
      }
    }
  }
}
