import { dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { isBelow } from "../../core/checkpoints/checkpointParts.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { SeenCheckpoint, WatchStep, WatchTiming } from "../../core/checkpoints/checkpointWatch.ts";
import { errorCode, passOverFileErrors } from "../base/fileErrors.ts";
import { fileCalls } from "./fileCalls.ts";
import { explainFileError } from "./fileErrors.ts";
import { type FolderChange, FolderWatches } from "./folderWatches.ts";
import { IndexNames, joinIndexedParts } from "./indexedParts.ts";
import { type FoundParts, listCheckpointFolder, missingMessage, readFound } from "./listCheckpointFolder.ts";
import {
  type FoundCheckpoint,
  isUnchanged,
  isWanted,
  lookIntoFolder,
  type Place,
  versionOf,
} from "./lookIntoFolder.ts";
import { LookPace } from "./lookPace.ts";
import { mapConcurrently } from "./mapConcurrently.ts";
import { type FolderScan, MAX_PLACES, type Scanned, scanCheckpointFolder, topPlace } from "./scanCheckpointFolder.ts";
import { type Listed, WatchedPlace, within } from "./watchedPlace.ts";
import { type CheckpointEvent, timingOf, type WatchOptions, type WatchReader } from "./watchOptions.ts";

const DEFAULT_POLL_MS = 5_000;
/** The system reports several changes for one save; one look serves them all. */
const BURST_MS = 1;
const CONCURRENT_READS = 4;
const CONCURRENT_CALLS = 16;

const readHere: WatchReader = { read: readFound, list: (folder) => listCheckpointFolder(folder) };

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
  readonly #pace: LookPace;
  readonly #reader: WatchReader;
  readonly #maxPlaces: number;
  readonly #reportError: (error: unknown) => void;
  readonly #watches = new FolderWatches((change) => this.#hearOf(change));
  readonly #top: WatchedPlace;
  readonly #places = new Map<string, WatchedPlace>();
  readonly #indexNames = new IndexNames();
  /** The folder that is watched while the one that is meant does not exist. */
  #above: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isLimited = false;
  #isDisposed = false;

  constructor(folder: string, listener: (event: CheckpointEvent) => void, options: WatchOptions) {
    this.#folder = folder;
    this.#listener = listener;
    this.#timing = timingOf(options);
    this.#pace = new LookPace(options.pollMs ?? DEFAULT_POLL_MS, this.#timing.settleMs);
    this.#reader = options.reader ?? readHere;
    this.#maxPlaces = options.maxPlaces ?? MAX_PLACES;
    this.#reportError = options.reportError ?? rethrowLater;
    this.#top = new WatchedPlace(topPlace(folder));
    this.#places.set(folder, this.#top);
  }

  start(): void {
    this.#plan();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#watches[Symbol.dispose]();
  }

  /** Something changed in a folder: in a place, in a checkpoint of one, or above a folder that is missing. */
  #hearOf({ folder, name, isContent }: FolderChange): void {
    const place = this.#places.get(folder);
    if (place === undefined) {
      this.#hear(this.#places.get(dirname(folder)) ?? this.#top, folder);
    } else if (!(isContent && name !== undefined && !isWanted(name))) {
      // A log that is written on and on says nothing of checkpoints.
      this.#hear(place, name === undefined ? undefined : join(folder, name));
    }
  }

  #hear(place: WatchedPlace, path: string | undefined): void {
    place.markChanged(path);
    place.isHeard = true;
    place.dueMs = Math.min(place.dueMs, Math.max(performance.now() + BURST_MS, place.restsUntilMs));
    this.#plan();
  }

  /** Waits for the place that is due first. */
  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#isDisposed || this.#isLooking) {
      return;
    }
    const delayMs = this.#pace.firstDue(this.#top, this.#places.values()).dueMs - performance.now();
    this.#timer = setTimeout(() => this.#lookWhenDue(), Math.max(0, delayMs));
  }

  /** A timer counts in whole milliseconds, and may come too early. */
  #lookWhenDue(): void {
    const place = this.#pace.firstDue(this.#top, this.#places.values());
    if (place.dueMs > performance.now()) {
      this.#plan();
    } else {
      void this.#look(place);
    }
  }

  async #look(place: WatchedPlace): Promise<void> {
    this.#isLooking = true;
    const startedMs = performance.now();
    const isFull = startedMs >= place.fullDueMs || !(place.isHeard || place.isBusy);
    place.isHeard = false;
    place.dueMs = Number.POSITIVE_INFINITY;
    try {
      await (this.#top.isVisited ? this.#lookAt(place, startedMs, isFull) : this.#begin());
    } catch (error) {
      this.#reportError(error);
    }
    const watched = { count: this.#places.size, isComplete: this.#watches.isComplete };
    this.#pace.schedule(place, { startedMs, endedMs: performance.now(), isFull }, watched);
    this.#isLooking = false;
    this.#plan();
  }

  async #begin(): Promise<void> {
    // Watching begins before looking, so that nothing can change unnoticed in between.
    this.#watchNearest();
    const listing = await this.#reader.list(this.#folder);
    if (listing.kind !== "listed") {
      this.#lose(listing.kind === "folder-missing" ? { kind: "missing" } : { ...listing, kind: "unreadable" });
      return;
    }
    // After the listing, which takes seconds in a large folder: what it saw otherwise has changed since.
    const scan = await scanCheckpointFolder(this.#folder, this.#maxPlaces);
    if (scan.kind !== "scanned") {
      this.#lose(scan);
      return;
    }
    if (this.#isDisposed) {
      return;
    }
    const { entries, unreadable } = within(listing, scan.places);
    this.#send({ folder: this.#folder, kind: "listed", entries, unreadable });
    const checkpoints = await joinIndexedParts(scan.checkpoints, this.#indexNames);
    this.#takeBaseline({ ...scan, checkpoints: [...checkpoints] }, { entries, unreadable });
    // One that is gone since the scan is missed by its next look.
    await mapConcurrently(scan.places, CONCURRENT_CALLS, ({ folder }) => this.#watch(folder).catch(passOverFileErrors));
  }

  /** Each place is looked at once more, since it was not watched while it was scanned. */
  #takeBaseline(scan: Scanned, { entries, unreadable }: Listed): void {
    for (const place of scan.places) {
      this.#add(place);
    }
    if (scan.leftOut > 0) {
      this.#tellLimit();
    }
    const inFolder = new Map<string, FoundCheckpoint[]>();
    const listed = new Map(entries.map((entry) => [entry.path, entry]));
    const refused = new Set(unreadable.map(({ path }) => path));
    const known = scan.checkpoints.filter(
      (found) => listed.get(found.path)?.version === versionOf(found) || refused.has(found.path),
    );
    for (const found of known) {
      const folder = dirname(found.path);
      const inSame = inFolder.get(folder) ?? [];
      inSame.push(found);
      inFolder.set(folder, inSame);
    }
    const there = new Set(scan.checkpoints.map(({ path }) => path));
    for (const { path } of entries.filter((entry) => !there.has(entry.path))) {
      this.#send({ folder: this.#folder, kind: "removed", path });
    }
    const summaries = new Map(entries.map(({ path, summary }) => [path, summary]));
    for (const [folder, place] of this.#places) {
      this.#announce(place.observeBaseline(inFolder.get(folder) ?? [], summaries, this.#timing));
      this.#watchInside(place, []);
    }
  }

  async #lookAt(watched: WatchedPlace, startedMs: number, isFull: boolean): Promise<void> {
    const { place } = watched;
    const unchanged = watched.takeUnchanged();
    const known = (path: string) => this.#places.get(path)?.place ?? (isFull ? undefined : unchanged(path));
    try {
      await this.#watch(place.folder);
      const look = await lookIntoFolder(place, known);
      const found = await joinIndexedParts(look.checkpoints, this.#indexNames);
      if (this.#isDisposed) {
        return;
      }
      if (look.isCheckpoint && watched !== this.#top) {
        this.#forget(place.folder);
        this.#hear(this.#places.get(dirname(place.folder)) ?? this.#top, place.folder);
        return;
      }
      this.#follow(place.folder, look.places);
      const inside = watched.foldersInside();
      const step = watched.observeLook(found, startedMs, this.#timing);
      this.#watchInside(watched, inside);
      this.#announce(step);
      await mapConcurrently(step.inspect, CONCURRENT_READS, (seen) => this.#inspect(watched, seen));
    } catch (error) {
      await this.#miss(watched, error);
    }
  }

  /** What a place that cannot be looked into means: it is gone, or all of them are. */
  async #miss(watched: WatchedPlace, error: unknown): Promise<void> {
    const code = errorCode(error);
    if (code === undefined) {
      throw error;
    }
    if (watched === this.#top) {
      const message = explainFileError(error, `The checkpoint folder ${this.#folder}`);
      this.#lose(code === "ENOENT" ? { kind: "missing" } : { kind: "unreadable", message });
    } else if (code === "ENOENT" && (await this.#isThere())) {
      this.#forget(watched.place.folder);
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      return (await fileCalls.stat(this.#folder)).isDirectory();
    } catch (error) {
      if (errorCode(error) === undefined) {
        throw error;
      }
      this.#hear(this.#top, undefined);
      return false;
    }
  }

  #lose(scan: Exclude<FolderScan, Scanned>): void {
    this.#watchNearest();
    const observation =
      scan.kind === "missing"
        ? ({ kind: "folder-missing" } as const)
        : ({ kind: "folder-unreadable", message: scan.message } as const);
    this.#announce(this.#top.observe(observation, this.#timing));
  }

  /** Reads a checkpoint, and tells of it only if it looks the same afterwards. */
  async #inspect(watched: WatchedPlace, seen: SeenCheckpoint): Promise<void> {
    const found = watched.found(seen.path);
    try {
      const read = await this.#read({ path: seen.path, ...(found?.shards && { shards: found.shards }) });
      const named = read.kind === "inspected" ? (read.summary.parts ?? []) : [];
      if ((await isUnchanged(seen, found, named)) && !this.#isDisposed) {
        this.#announce(watched.observe({ ...read, seen }, this.#timing));
      }
    } catch (error) {
      // Deleted or renamed since it was seen: the next look sees what has become of it.
      if (errorCode(error) === undefined) {
        this.#reportError(error);
      }
    }
  }

  async #read(
    found: FoundParts,
  ): Promise<{ kind: "inspected"; summary: CheckpointSummary } | { kind: "unreadable"; reason: string }> {
    try {
      return { kind: "inspected", summary: await this.#reader.read(found) };
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      // The thread's refusal has lost its cause, and names the path.
      return { kind: "unreadable", reason: explainFileError(error.cause ?? error, "It").replace(found.path, "It") };
    }
  }

  async #watch(folder: string): Promise<void> {
    const { dev, ino } = await fileCalls.stat(folder);
    if (this.#isDisposed) {
      return;
    }
    this.#watches.keep(folder, `${dev}:${ino}`);
    if (folder === this.#folder && this.#above !== undefined && this.#above !== folder) {
      this.#watches.drop(this.#above);
      this.#above = undefined;
    }
  }

  /** The folder or, while it does not exist, the nearest one above it; one at a time. */
  #watchNearest(): void {
    const before = this.#above;
    this.#above = this.#watches.keepNearest(this.#folder);
    if (before !== undefined && before !== this.#above) {
      this.#watches.drop(before);
    }
  }

  #watchInside(watched: WatchedPlace, before: readonly FoundCheckpoint[]): void {
    const now = watched.foldersInside();
    const there = new Set(now.map(({ path }) => path));
    for (const { path } of before) {
      if (!there.has(path)) {
        this.#watches.drop(path);
      }
    }
    for (const { path, fileId } of now) {
      this.#watches.keep(path, fileId.split(":", 2).join(":"));
    }
  }

  /** Begins with the places that a folder holds by now, and ends with those it does not hold any more. */
  #follow(folder: string, places: readonly Place[]): void {
    const there = new Set(places.map((place) => place.folder));
    for (const path of this.#places.keys()) {
      if (path !== this.#folder && dirname(path) === folder && !there.has(path)) {
        this.#forget(path);
      }
    }
    for (const place of places) {
      this.#add(place);
    }
  }

  #add(place: Place): void {
    if (this.#places.has(place.folder)) {
      return;
    }
    if (this.#places.size < this.#maxPlaces) {
      this.#places.set(place.folder, new WatchedPlace(place));
    } else {
      this.#tellLimit();
    }
  }

  #tellLimit(): void {
    if (!this.#isLimited) {
      this.#isLimited = true;
      const message = `Only ${this.#maxPlaces.toLocaleString("en")} folders in it are watched. New checkpoints in others are not announced; open or watch a folder in it to see them.`;
      this.#send({ folder: this.#folder, kind: "limited", message });
    }
  }

  #forget(folder: string): void {
    for (const [path, watched] of this.#places) {
      if (isBelow(folder, path)) {
        this.#places.delete(path);
        this.#watches.drop(path);
        const inside = watched.foldersInside();
        this.#announce(watched.observeLook([], performance.now(), this.#timing));
        this.#watchInside(watched, inside);
      }
    }
  }

  #announce({ events }: WatchStep): void {
    for (const event of events) {
      this.#send(
        event.kind === "folder-missing"
          ? { ...event, folder: this.#folder, message: missingMessage(this.#folder) }
          : { ...event, folder: this.#folder },
      );
    }
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

/** Where nobody asked to be told, an error still reaches the process's own handler. */
const rethrowLater = (error: unknown) =>
  queueMicrotask(() => {
    throw error;
  });
