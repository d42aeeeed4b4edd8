import type { WatchedPlace } from "./watchedPlace.ts";

/** After a look at what was heard of, this many times as long passes before the next at the same folder. */
const REST_FACTOR = 3;
/** Looking without having heard anything may take this share of the time at most, however many folders there are. */
const MAX_POLL_SHARE = 0.05;

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
      // Rest is counted in whole milliseconds, from when the change was seen.
      return place.seenMs + this.#settleMs + 1;
    }
    return startedMs + (place.hasUnfinished ? Math.min(this.#pollMs, pollMs) : pollMs);
  }

  #pollIntervalMs({ count, isComplete }: Watched): number {
    const pollMs = isComplete ? this.#pollMs : this.#pollMs / 5;
    return Math.max(pollMs, (this.#lookMs * count) / MAX_POLL_SHARE);
  }
}

/** The place that is due first. What is heard of goes before what is only due by time. */
export function firstDue(top: WatchedPlace, places: Iterable<WatchedPlace>): WatchedPlace {
  const nowMs = performance.now();
  let next = top;
  for (const place of places) {
    const isFirst = place.dueMs < next.dueMs && (place.isHeard || !next.isHeard || next.dueMs > nowMs);
    const isHeardFirst = place.isHeard && !next.isHeard && place.dueMs <= nowMs;
    next = isFirst || isHeardFirst ? place : next;
  }
  return next;
}
