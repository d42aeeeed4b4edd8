import { formatDuration } from "../duration.ts";
import type { Alarm, WatchdogLimits } from "./alarm.ts";

/** Free space of the disk that the checkpoints go to. */
export type DiskSample = { path: string; freeMiB: number };

/** A trend needs this much time; one large checkpoint is none. */
const TREND_MS = 5 * 60 * 1000;
const FULL_WITHIN_MS = 20 * 60 * 1000;
const MAX_SAMPLES = 60;
/** Checkpoints come and go: room is back when there is this many times what was too little. */
const ROOM_FACTOR = 2;

/** Raises when a disk is almost full and the training fills it, or will be soon at the pace of the last minutes. */
export class DiskRule {
  readonly #limits: WatchdogLimits;
  readonly #samples: { atMs: number; freeMiB: number }[] = [];
  #raisedAtMiB = 0;

  constructor(limits: WatchdogLimits) {
    this.#limits = limits;
  }

  add(atMs: number, { path, freeMiB }: DiskSample): Pick<Alarm, "kind" | "message" | "advice"> | undefined {
    this.#samples.push({ atMs, freeMiB });
    if (this.#samples.length > MAX_SAMPLES) {
      this.#samples.splice(1, 1);
    }
    const fullInMs = this.#fullInMs(atMs, freeMiB);
    // Below the limit from the start on, with nothing written since, is a small disk and no danger.
    const hasShrunk = freeMiB < (this.#samples[0]?.freeMiB ?? freeMiB);
    if (!(hasShrunk && freeMiB < this.#limits.diskFreeMiB) && fullInMs > FULL_WITHIN_MS) {
      return undefined;
    }
    this.#raisedAtMiB = freeMiB;
    const soon = fullInMs > FULL_WITHIN_MS ? "" : ` and will be full in about ${formatDuration(fullInMs / 1000)}`;
    return {
      kind: "disk-filling",
      message: `The disk of ${path} has ${Math.floor(freeMiB)} MiB left${soon}.`,
      advice: "Free some space before the next checkpoint, or keep fewer of them: one that does not fit is torn.",
    };
  }

  /** Whether there is room again, where there was too little. */
  isOver({ freeMiB }: DiskSample): boolean {
    return freeMiB >= ROOM_FACTOR * Math.max(this.#limits.diskFreeMiB, this.#raisedAtMiB);
  }

  #fullInMs(atMs: number, freeMiB: number): number {
    const from = this.#samples.find((sample) => atMs - sample.atMs <= 2 * TREND_MS);
    if (from === undefined || atMs - from.atMs < TREND_MS || from.freeMiB <= freeMiB) {
      return Number.POSITIVE_INFINITY;
    }
    return (freeMiB * (atMs - from.atMs)) / (from.freeMiB - freeMiB);
  }
}
