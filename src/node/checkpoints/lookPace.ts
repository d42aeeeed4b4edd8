import type { WatchedPlace } from "./watchedPlace.ts";

/** After a look at what was heard of, this many times as long passes before the next at the same folder. */
const REST_FACTOR = 3;
/** Looking without having heard anything may take this share of the time at most, however many folders there are. */
const MAX_POLL_SHARE = 0.05;

/** A look by time alone is not begun this many looks before something of importance is due. */
const ROOM_LOOKS = 2;

/** One look at a folder, as `performance.now()` counts; a full one takes nothing for unchanged. */
type Look = { startedMs: number; endedMs: number; isFull: boolean };

/** What is watched: folders in all, and whether the system reports the changes in each of them. */
type Watched = { count: number; isComplete: boolean };

/** When each folder of a watch is looked at next. All times are milliseconds. */
export class LookPace {
  readonly #pollMs: number;
  readonly #settleMs: number;
  /** What a look takes, as the last ones took. */
  #lookMs = 1;

  constructor(pollMs: number, settleMs: number) {
    this.#pollMs = pollMs;
    this.#settleMs = settleMs;
  }

  /** Sets when a place that was looked at is due again. */
  schedule(place: WatchedPlace, { startedMs, endedMs, isFull }: Look, watched: Watched): void {
    const tookMs = endedMs - startedMs;
    this.#lookMs += (tookMs - this.#lookMs) / 16;
    const pollMs = this.#pollIntervalMs(watched);
    if (isFull) {
      place.fullDueMs = startedMs + pollMs;
    }
    place.restsUntilMs = endedMs + Math.min(tookMs * REST_FACTOR, this.#settleMs);
    place.dueMs = Math.max(place.restsUntilMs, Math.min(place.dueMs, this.#nextLookMs(place, startedMs, pollMs)));
  }

  #nextLookMs(place: WatchedPlace, startedMs: number, pollMs: number): number {
    if (place.isBusy) {
      return place.seenMs + this.#settleMs;
    }
    return startedMs + (place.hasUnfinished ? Math.min(this.#pollMs, pollMs) : pollMs);
  }

  #pollIntervalMs({ count, isComplete }: Watched): number {
    const pollMs = isComplete ? this.#pollMs : this.#pollMs / 5;
    return Math.max(pollMs, (this.#lookMs * count) / MAX_POLL_SHARE);
  }

  /**
   * The place that is due first. What is heard of goes before what is only due by time, which also makes room for a
   * file whose rest is over before a look at the other would end.
   */
  firstDue(top: WatchedPlace, places: Iterable<WatchedPlace>): WatchedPlace {
    const nowMs = performance.now();
    let next = top;
    let resting: WatchedPlace | undefined;
    for (const place of places) {
      const isFirst = place.dueMs < next.dueMs && (place.isHeard || !next.isHeard || next.dueMs > nowMs);
      const isHeardFirst = place.isHeard && !next.isHeard && place.dueMs <= nowMs;
      next = isFirst || isHeardFirst ? place : next;
      resting = place.isBusy && place.dueMs < (resting?.dueMs ?? nowMs + ROOM_LOOKS * this.#lookMs) ? place : resting;
    }
    const isPatient = !next.isHeard && !next.isBusy && nowMs - next.dueMs < this.#settleMs;
    return isPatient && resting !== undefined ? resting : next;
  }
}
