import { formatDuration } from "../duration.ts";
import type { Alarm, WatchdogLimits } from "./alarm.ts";
import { median, Recent } from "./statistics.ts";

const WINDOW = 50;
/** Before this many steps nobody knows how long one takes: data is loaded, a model is compiled. */
const MIN_STEPS = 5;
/** An evaluation or a large checkpoint may take long, and comes again. */
const LONGEST_FACTOR = 3;
/** A program that computes is patient work rather than a stall; one that waits for others computes too. */
const BUSY_FACTOR = 4;
/** Looks come every second or so; where a minute is missing, the machine slept. */
const SLEEP_MS = 30_000;

/** Whether the processes of the training compute; absent where nobody can tell. */
export type Activity = { isBusy?: boolean | undefined };

/** Knows how long a step takes and when one takes far too long. */
export class StallRule {
  readonly #limits: WatchdogLimits;
  readonly #intervals = new Recent(WINDOW);
  #steps = 0;
  #longestMs = 0;
  #lastStepMs: number | undefined;
  #lastOutputMs: number | undefined;
  #lastSeenMs: number | undefined;
  #hasLogged = false;
  #isStalled = false;

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
  }

  /** Something was printed or logged; `isStep` where it says that the training came further. */
  addOutput(atMs: number, isStep: boolean, source: "printed" | "logged" = "printed"): void {
    this.#forgiveSleep(atMs);
    this.#hasLogged ||= source === "logged";
    if (this.#isStalled) {
      // What went on by itself is no stall the next time, also where only a word was printed and no step was made.
      this.#longestMs = Math.max(this.#longestMs, atMs - (this.#lastOutputMs ?? atMs));
      this.#isStalled = false;
    }
    this.#lastOutputMs = atMs;
    if (!isStep) {
      return;
    }
    if (this.#lastStepMs !== undefined) {
      const interval = atMs - this.#lastStepMs;
      this.#intervals.push(interval);
      this.#longestMs = Math.max(this.#longestMs, interval);
    }
    this.#lastStepMs = atMs;
    this.#steps += 1;
  }

  /** To be asked every second or so. */
  look(atMs: number, { isBusy }: Activity): Pick<Alarm, "kind" | "message" | "advice"> | undefined {
    this.#forgiveSleep(atMs);
    if (this.#lastOutputMs === undefined || this.#steps <= MIN_STEPS) {
      return undefined;
    }
    const silentMs = atMs - this.#lastOutputMs;
    const usualMs = median(this.#intervals.values);
    const patienceMs = Math.max(
      this.#limits.stallFactor * usualMs,
      LONGEST_FACTOR * this.#longestMs,
      this.#limits.stallSeconds * 1000,
    );
    if (silentMs < patienceMs * (isBusy === true ? BUSY_FACTOR : 1)) {
      return undefined;
    }
    this.#isStalled = true;
    const doing =
      isBusy === undefined ? "" : isBusy ? " Its processes compute on." : " Its processes do not compute either.";
    return {
      kind: "stall",
      message: `${this.#describeSilence(silentMs, usualMs)}.${doing}`,
      advice:
        "It probably waits for data, a lock, the network or another process: look where it hangs (py-spy dump --pid), or stop it and resume from the newest checkpoint.",
    };
  }

  #describeSilence(silentMs: number, usualMs: number): string {
    const silence = formatDuration(silentMs / 1000);
    return this.#hasLogged
      ? `Nothing was printed or logged for ${silence}, where something new came every ${formatDuration(usualMs / 1000)}`
      : `Nothing was printed for ${silence}, where a step took ${describeStep(usualMs)}`;
  }

  #forgiveSleep(atMs: number): void {
    const slept = this.#lastSeenMs === undefined ? 0 : atMs - this.#lastSeenMs;
    if (slept > SLEEP_MS || slept < 0) {
      this.#lastOutputMs = this.#lastOutputMs === undefined ? undefined : this.#lastOutputMs + slept;
      this.#lastStepMs = this.#lastStepMs === undefined ? undefined : this.#lastStepMs + slept;
    }
    this.#lastSeenMs = atMs;
  }
}

function describeStep(ms: number): string {
  return ms < 1000 ? "less than a second" : `about ${formatDuration(ms / 1000)}`;
}
