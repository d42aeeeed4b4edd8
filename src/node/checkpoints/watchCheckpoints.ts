import { stat } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry, UnreadableFile } from "../../core/checkpoints/checkpointListing.ts";
import { isArrayName } from "../../core/checkpoints/checkpointName.ts";
import { TORN_AFTER_MS } from "../../core/checkpoints/checkpointSummary.ts";
import {
  initialWatchState,
  observeCheckpoints,
  type SeenCheckpoint,
  type WatchEvent,
  type WatchObservation,
  type WatchState,
  type WatchTiming,
} from "../../core/checkpoints/checkpointWatch.ts";
import { errorCode } from "../base/fileErrors.ts";
import { FolderWatches } from "./folderWatches.ts";
import { listScan, missingMessage, SummaryCache } from "./listCheckpointFolder.ts";
import { mapConcurrently } from "./mapConcurrently.ts";
import { readCheckpoint } from "./readCheckpoint.ts";
import { type FolderScan, scanCheckpointFolder } from "./scanCheckpointFolder.ts";

export type CheckpointEvent = { folder: string } & (
  | Exclude<WatchEvent, { kind: "folder-missing" }>
  /** What was there when watching began, in one event; none of it is announced one by one. */
  | { kind: "listed"; entries: readonly CheckpointEntry[]; unreadable: readonly UnreadableFile[] }
  | { kind: "folder-missing"; message: string }
);

export type WatchOptions = Partial<WatchTiming> & {
  /** How long to wait between looks where the system reports changes; without its reports a fifth of that. */
  pollMs?: number;
  /** Shares what was read with other listings of the same folder. */
  cache?: SummaryCache;
  now?: () => number;
  /** Told about what is no message for a person: a failing listener, a bug. */
  reportError?: (error: unknown) => void;
};

const defaultTiming: WatchTiming = { settleMs: 100, unknownAfterMs: 3_000, tornAfterMs: TORN_AFTER_MS };
const DEFAULT_POLL_MS = 5_000;
/** The system reports a burst of changes for one save; one look serves them all. */
const BURST_MS = 10;
/** Looking may take this share of the time at most, however many files there are. */
const MAX_LOOK_SHARE = 0.05;
const CONCURRENT_READS = 4;

/**
 * Announces checkpoints as they are written: `writing` at first sight, then once `complete` or `torn`. The folder need
 * not exist yet, and may vanish and come back. Dispose to stop; no event is sent afterwards.
 */
export function watchCheckpoints(
  folder: string,
  listener: (event: CheckpointEvent) => void,
  options: WatchOptions = {},
): Disposable {
  const watcher = new CheckpointWatcher(folder, listener, options);
  watcher.start();
  return watcher;
}

class CheckpointWatcher implements Disposable {
  readonly #folder: string;
  readonly #listener: (event: CheckpointEvent) => void;
  readonly #timing: WatchTiming;
  readonly #pollMs: number;
  readonly #cache: SummaryCache;
  readonly #now: () => number;
  readonly #reportError: (error: unknown) => void;
  readonly #watches = new FolderWatches(() => this.#lookWithin(BURST_MS));
  #state: WatchState = initialWatchState;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isLooking = false;
  #wantsLook = false;
  #isDisposed = false;
  #isBusy = false;

  constructor(folder: string, listener: (event: CheckpointEvent) => void, options: WatchOptions) {
    this.#folder = folder;
    this.#listener = listener;
    this.#timing = {
      settleMs: options.settleMs ?? defaultTiming.settleMs,
      unknownAfterMs: options.unknownAfterMs ?? defaultTiming.unknownAfterMs,
      tornAfterMs: options.tornAfterMs ?? defaultTiming.tornAfterMs,
    };
    this.#pollMs = options.pollMs ?? DEFAULT_POLL_MS;
    this.#cache = options.cache ?? new SummaryCache();
    this.#now = options.now ?? Date.now;
    this.#reportError = options.reportError ?? rethrowLater;
  }

  start(): void {
    this.#lookWithin(0);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#watches[Symbol.dispose]();
  }

  /** The next look comes no later than this; a look that is planned earlier stays. */
  #lookWithin(delayMs: number): void {
    if (this.#isDisposed) {
      return;
    }
    if (this.#isLooking) {
      this.#wantsLook ||= delayMs <= BURST_MS;
      return;
    }
    const dueMs = performance.now() + delayMs;
    if (dueMs < this.#dueMs) {
      clearTimeout(this.#timer);
      this.#dueMs = dueMs;
      this.#timer = setTimeout(() => void this.#look(), delayMs);
    }
  }

  async #look(): Promise<void> {
    const startedMs = performance.now();
    this.#isLooking = true;
    this.#wantsLook = false;
    try {
      await this.#lookOnce();
    } catch (error) {
      this.#reportError(error);
    }
    this.#isLooking = false;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#lookWithin(this.#nextDelayMs(performance.now() - startedMs));
  }

  #nextDelayMs(tookMs: number): number {
    const restMs = tookMs / MAX_LOOK_SHARE;
    if (this.#wantsLook) {
      return Math.max(BURST_MS, Math.min(restMs, this.#timing.settleMs));
    }
    if (this.#isBusy) {
      return Math.max(this.#timing.settleMs, Math.min(restMs, this.#pollMs));
    }
    return Math.max(restMs, this.#watches.isComplete ? this.#pollMs : this.#pollMs / 5);
  }

  async #lookOnce(): Promise<void> {
    // Watching begins before looking, so that nothing can change unnoticed in between.
    if (this.#state.folder === "unvisited") {
      this.#watches.watchOnly([this.#folder]);
    }
    const scan = await scanCheckpointFolder(this.#folder);
    if (this.#isDisposed) {
      return;
    }
    this.#watches.watchOnly(scan.kind === "scanned" ? scan.folders : [this.#folder]);
    if (this.#state.folder === "unvisited" && scan.kind === "scanned") {
      await this.#announceBaseline(scan);
      return;
    }
    const inspect = this.#observe(observationOf(scan));
    await mapConcurrently(inspect, CONCURRENT_READS, (seen) => this.#inspect(seen));
  }

  async #announceBaseline(scan: Extract<FolderScan, { kind: "scanned" }>): Promise<void> {
    const listing = await listScan(this.#folder, scan, { cache: this.#cache, now: this.#now });
    if (listing.kind !== "listed" || this.#isDisposed) {
      return;
    }
    this.#send({ folder: this.#folder, kind: "listed", entries: listing.entries, unreadable: listing.unreadable });
    const summaries = new Map(listing.entries.map(({ path, summary }) => [path, summary]));
    const checkpoints = scan.checkpoints.map((seen) => ({ seen, summary: summaries.get(seen.path) }));
    this.#observe({ kind: "baseline", checkpoints });
  }

  /** Reads a checkpoint, and tells of it only if it looks the same afterwards. */
  async #inspect(seen: SeenCheckpoint): Promise<void> {
    try {
      const summary = await readCheckpoint(seen.path);
      const after = summary.kind === "folder" ? undefined : await stat(seen.path);
      const isSame = after === undefined || (after.size === seen.sizeBytes && after.mtimeMs === seen.modifiedMs);
      if (isSame && !this.#isDisposed) {
        this.#observe({ kind: "inspected", seen, summary });
      }
    } catch (error) {
      // Deleted, renamed or locked since it was seen: the next look sees what has become of it.
      if (!(error instanceof UserError) && errorCode(error) === undefined) {
        this.#reportError(error);
      }
    }
  }

  #observe(observation: WatchObservation): readonly SeenCheckpoint[] {
    const step = observeCheckpoints(this.#state, observation, this.#now(), this.#timing);
    this.#state = step.state;
    this.#isBusy = step.isBusy;
    for (const event of step.events) {
      this.#send(
        event.kind === "folder-missing"
          ? { ...event, folder: this.#folder, message: missingMessage(this.#folder) }
          : { ...event, folder: this.#folder },
      );
    }
    return step.inspect;
  }

  #send(event: CheckpointEvent): void {
    if (this.#isDisposed) {
      return;
    }
    try {
      this.#listener(event);
    } catch (error) {
      this.#reportError(error);
    }
  }
}

function observationOf(scan: FolderScan): WatchObservation {
  switch (scan.kind) {
    case "missing":
      return { kind: "folder-missing" };
    case "unreadable":
      return { kind: "folder-unreadable", message: scan.message };
    case "scanned":
    default:
      return { kind: "look", checkpoints: scan.checkpoints.filter(({ name }) => !isArrayName(name)) };
  }
}

/** Where nobody asked to be told, an error still reaches the process's own handler. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
