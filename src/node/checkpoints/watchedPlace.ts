import { dirname } from "node:path";
import type { CheckpointListing } from "../../core/checkpoints/checkpointListing.ts";
import { isArrayName } from "../../core/checkpoints/checkpointName.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import {
  initialWatchState,
  observeCheckpoints,
  type WatchEvent,
  type WatchObservation,
  type WatchState,
  type WatchStep,
  type WatchTiming,
} from "../../core/checkpoints/checkpointWatch.ts";
import type { FoundCheckpoint, Place } from "./lookIntoFolder.ts";

/**
 * One folder of a watched tree: what was seen in it, what of that was announced, and when to look again. Each folder
 * is looked at and remembered by itself, so that a save costs a look at one of a thousand.
 */
export class WatchedPlace {
  readonly place: Place;
  /** When to look again, as `performance.now()` counts. */
  dueMs = 0;
  /** No look before this moment, so that a writer of many small pieces does not keep one looking. */
  restsUntilMs = 0;
  /** When the last look began. */
  seenMs = 0;
  /** Until when a look may leave out what nothing was heard of. */
  fullDueMs = 0;
  /** Something was heard of it; places that are only due by time wait behind such. */
  isHeard = false;
  #changed: Set<string> | undefined = new Set();
  #state: WatchState = initialWatchState;
  #found: ReadonlyMap<string, FoundCheckpoint> = new Map();
  #isBusy = false;

  constructor(place: Place) {
    this.place = place;
  }

  /** Something changes so soon that the next look should not wait for the usual interval. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Something in it is not finished, which the passing of time alone can settle. */
  get hasUnfinished(): boolean {
    return [...this.#state.tracked.values()].some(({ phase }) => phase === "writing");
  }

  get isVisited(): boolean {
    return this.#state.folder !== "unvisited";
  }

  /** A checkpoint of the last look. */
  found(path: string): FoundCheckpoint | undefined {
    return this.#found.get(path);
  }

  /** The checkpoints of the last look that are folders, each of which is watched too. */
  foldersInside(): FoundCheckpoint[] {
    return [...this.#found.values()].filter(({ kind }) => kind === "folder");
  }

  /** Something was heard of a checkpoint in it; without a name, of any. */
  markChanged(path: string | undefined): void {
    if (path === undefined) {
      this.#changed = undefined;
    } else {
      this.#changed?.add(path);
    }
  }

  /** Gives what need not be seen again: nothing was heard of it since the last time, and it was finished then. */
  takeUnchanged(): (path: string) => FoundCheckpoint | undefined {
    const changed = this.#changed;
    this.#changed = new Set();
    return (path) => {
      const isAtRest = this.#state.tracked.get(path)?.phase === "settled" && changed?.has(path) === false;
      const found = this.#found.get(path);
      return isAtRest && found?.shards === undefined ? found : undefined;
    };
  }

  /** Takes what a look found that began at `startedMs`; arrays alone are data more often than checkpoints, and not announced. */
  observeLook(found: readonly FoundCheckpoint[], startedMs: number, timing: WatchTiming): WatchStep {
    this.seenMs = startedMs;
    this.#found = new Map(found.map((each) => [each.path, each]));
    const checkpoints = found.filter(({ name }) => !isArrayName(name));
    return this.observe({ kind: "look", checkpoints }, timing, startedMs);
  }

  /** Takes what was there when watching began. */
  observeBaseline(
    checkpoints: readonly FoundCheckpoint[],
    summaries: ReadonlyMap<string, CheckpointSummary>,
    timing: WatchTiming,
  ): WatchStep {
    this.#found = new Map(checkpoints.map((found) => [found.path, found]));
    // Arrays are listed and not watched; a look that passes them over must not find them gone.
    const watched = checkpoints.filter(({ name }) => !isArrayName(name));
    const known = watched.map((seen) => ({ seen, summary: summaries.get(seen.path) }));
    return this.observe({ kind: "baseline", checkpoints: known, clockMs: Date.now() }, timing);
  }

  observe(observation: WatchObservation, timing: WatchTiming, nowMs = performance.now()): WatchStep {
    const step = observeCheckpoints(this.#state, observation, nowMs, timing);
    this.#state = step.state;
    this.#isBusy = step.isBusy;
    return { ...step, events: step.events.map((event) => this.#withLink(event)) };
  }

  #withLink(event: WatchEvent): WatchEvent {
    const link = event.kind === "complete" ? this.#found.get(event.path) : undefined;
    if (event.kind !== "complete" || link?.linkTarget === undefined) {
      return event;
    }
    const isSame = ({ fileId, linkTarget }: FoundCheckpoint) => linkTarget === undefined && fileId === link.fileId;
    return [...this.#found.values()].some(isSame) ? { ...event, isLink: true } : event;
  }
}

export type Listed = Pick<Extract<CheckpointListing, { kind: "listed" }>, "entries" | "unreadable">;

/** What a listing holds that lies in these places; it may go deeper than is watched, and into more folders. */
export function within({ entries, unreadable }: Listed, places: readonly Place[]): Listed {
  const folders = new Set(places.map(({ folder }) => folder));
  const isWithin = ({ path }: { path: string }) => folders.has(dirname(path));
  return { entries: entries.filter(isWithin), unreadable: unreadable.filter(isWithin) };
}
