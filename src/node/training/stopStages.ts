import type { StopLevel, StopRequest } from "../../core/training/runRecord.ts";

/** Long enough to write a checkpoint of a few gigabytes to a local disk after Ctrl-C. */
const DEFAULT_STOP_GRACE_MS = 10_000;

/** What still writes has its time again and again, up to so many times of it for each step. */
const MAX_RENEWALS = 6;

const STAGES = ["SIGINT", "SIGTERM", "SIGKILL"] as const;
export type StopSignal = (typeof STAGES)[number];

/**
 * The order in which a training is asked to end. Pure: `next` says which signal is due, the caller sends it.
 */
export class StopStages {
  #graceMs: number;
  #sent = 0;
  #dueAtMs: number | undefined;
  #sentAtMs: number | undefined;
  /** Until when what writes may put off the next step; undefined where nothing may. */
  #latestMs: number | undefined;

  constructor(graceMs = DEFAULT_STOP_GRACE_MS) {
    this.#graceMs = graceMs;
  }

  get isAsked(): boolean {
    return this.#dueAtMs !== undefined;
  }

  /** True when every signal was sent and the last one has had its time. */
  isOver(nowMs: number): boolean {
    return this.#sent === STAGES.length && this.#dueAtMs !== undefined && nowMs >= this.#dueAtMs;
  }

  get graceMs(): number {
    return this.#graceMs;
  }

  /** A second graceful request changes nothing but the time, which it may lengthen; `now` skips what is left of the stages. */
  ask(request: Pick<StopRequest, "level" | "graceMs">, nowMs: number): void {
    this.#graceMs = request.graceMs ?? this.#graceMs;
    if (skipsStages(request.level) && this.#sent < STAGES.length) {
      this.#sent = STAGES.length - 1;
      this.#dueAtMs = nowMs;
      this.#latestMs = undefined;
    } else {
      this.#dueAtMs ??= nowMs;
      if (request.graceMs !== undefined && this.#sentAtMs !== undefined && this.#latestMs !== undefined) {
        this.#dueAtMs = Math.max(this.#dueAtMs, this.#sentAtMs + request.graceMs);
      }
    }
  }

  /** The training was seen to write, a checkpoint perhaps: the next step has to wait. */
  sawWriting(nowMs: number): void {
    if (this.#latestMs !== undefined && this.#dueAtMs !== undefined) {
      this.#dueAtMs = Math.max(this.#dueAtMs, Math.min(nowMs + this.#graceMs, this.#latestMs));
    }
  }

  /** The signal to send at this moment, each once. */
  next(nowMs: number): StopSignal | undefined {
    if (this.#dueAtMs === undefined || nowMs < this.#dueAtMs) {
      return undefined;
    }
    const signal = STAGES[this.#sent];
    if (signal !== undefined) {
      this.#sent += 1;
      this.#sentAtMs = nowMs;
      this.#dueAtMs = nowMs + this.#graceMs;
      this.#latestMs = nowMs + MAX_RENEWALS * this.#graceMs;
    }
    return signal;
  }
}

function skipsStages(level: StopLevel): boolean {
  return level === "now";
}

/** What the log says when a signal is sent. `isLed`: the training itself is still there. */
export function stopNote(signal: StopSignal, isLed: boolean, graceMs: number): string {
  const target = isLed ? "the training" : "what the training left behind";
  const subject = target[0]?.toUpperCase() + target.slice(1);
  const patience = `it has ${graceMs / 1000} s before the next step, and more while it writes`;
  const notes: Readonly<Record<StopSignal, string>> = {
    SIGINT: `A stop was asked: ${target} gets SIGINT; ${patience}.`,
    SIGTERM: `${subject} is still there and gets SIGTERM; ${patience}.`,
    SIGKILL: `${subject} is ended at once with SIGKILL.`,
  };
  return notes[signal];
}
