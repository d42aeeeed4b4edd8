import { realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { CheckpointLink } from "../../core/checkpoints/checkpointListing.ts";
import { isArrayName } from "../../core/checkpoints/checkpointName.ts";
import { isBelow } from "../../core/checkpoints/checkpointParts.ts";
import { isNamedAsSave } from "../../core/checkpoints/modelOfName.ts";
import { errorCode, passOverFileErrors } from "../base/fileErrors.ts";
import { fileCalls } from "./fileCalls.ts";
import { explainFileError } from "./fileErrors.ts";
import { emptyLook, type FolderLook, lookIntoFolder, type Place } from "./lookIntoFolder.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

/** What lies in the folder and in those below it; its places are all that were looked into, itself first. */
export type Scanned = FolderLook & {
  kind: "scanned";
  /** Folders for which there was no room, without those in them. */
  leftOut: number;
};

export type FolderScan = Scanned | { kind: "missing" } | { kind: "unreadable"; message: string };

/** Folder of runs below folder of runs: `checkpoints/<run>/checkpoint-500` is as deep as most trainings write. */
const MAX_DEPTH = 2;
/** Where no training saved there, as in a project: `lightning_logs/version_0/checkpoints`, `runs/detect/train/weights`. */
export const FALLBACK_DEPTH = 5;
/** Places below one folder that are looked into, those that changed last before others: a second or two of calls. */
export const MAX_PLACES = 10_000;
/** Of one level below `MAX_DEPTH` as long as none is found: sets of data have a folder for each of thousands of samples. */
const MAX_PLACES_IN_VAIN = 1_000;
const CONCURRENT_CALLS = 16;

export function topPlace(folder: string): Place {
  return { folder, run: undefined, depth: MAX_DEPTH };
}

/** One pass over a folder and the run folders in it; below `MAX_DEPTH`, where no training saved above that, over all levels. */
export async function scanCheckpointFolder(
  folder: string,
  maxPlaces = MAX_PLACES,
  maxDepth = MAX_DEPTH,
): Promise<FolderScan> {
  const scan: Scanned = { kind: "scanned", ...emptyLook(), leftOut: 0 };
  try {
    let level = await scanInto(scan, { ...topPlace(folder), depth: maxDepth });
    for (let depth = 0; depth < Math.min(maxDepth, MAX_DEPTH); depth++) {
      level = await scanLevel(scan, level, maxPlaces - scan.places.length);
    }
    if (maxDepth > MAX_DEPTH && hasNoSave(scan)) {
      await scanDeeper(scan, level, { levels: maxDepth - MAX_DEPTH, maxPlaces });
    }
    scan.links.push(...(await lastSteps(scan.links, folder)));
    return scan;
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return { kind: "missing" };
    }
    return { kind: "unreadable", message: explainFileError(error, `The checkpoint folder ${folder}`) };
  }
}

/** Arrays are mostly data, and what bears the name of a model alone is mostly what a training began with. */
function hasNoSave({ checkpoints }: Scanned): boolean {
  return checkpoints.every(({ name }) => isArrayName(name) || !isNamedAsSave(name));
}

/** Looks into all levels, since what lies at the last of them may be the newest. */
async function scanDeeper(
  scan: Scanned,
  level: readonly Place[],
  { levels, maxPlaces }: { levels: number; maxPlaces: number },
): Promise<void> {
  const room = () => Math.max(0, maxPlaces - scan.places.length);
  let places = level;
  let inVain = 0;
  for (let depth = 0; depth < levels; depth++) {
    const ordered = places.length > MAX_PLACES_IN_VAIN ? await lastChangedFirst(places) : places;
    const rest = ordered.slice(MAX_PLACES_IN_VAIN);
    const next = await scanLevel(scan, ordered.slice(0, MAX_PLACES_IN_VAIN), room());
    if (hasNoSave(scan)) {
      inVain += rest.length;
    } else {
      addAll(next, await scanLevel(scan, rest, room()));
    }
    places = next;
  }
  // What was not seen matters only beside something to choose.
  scan.leftOut += hasNoSave(scan) ? 0 : inVain;
}

/** Looks into the folders of one level, and gives those of the next. */
async function scanLevel(scan: Scanned, places: readonly Place[], room: number): Promise<Place[]> {
  const isRoom = places.length <= room;
  scan.leftOut += isRoom ? 0 : places.length - room;
  const next: Place[] = [];
  for (const place of isRoom ? places : (await lastChangedFirst(places)).slice(0, room)) {
    addAll(next, await scanInner(scan, place));
  }
  return next;
}

async function lastChangedFirst(places: readonly Place[]): Promise<Place[]> {
  const statuses = await fileCalls.statEach(places.map(({ folder }) => folder));
  const changedMs = (at: number) => {
    const status = statuses[at];
    return status === undefined || status instanceof Error ? 0 : status.mtimeMs;
  };
  const dated = places.map((place, at) => ({ place, changedMs: changedMs(at) }));
  return dated.toSorted((a, b) => b.changedMs - a.changedMs).map(({ place }) => place);
}

/** Gives the folders in it that may hold checkpoints. */
async function scanInto(scan: Scanned, place: Place): Promise<Place[]> {
  const { checkpoints, temporary, unreadable, links, places } = await lookIntoFolder(place);
  scan.places.push(place);
  addAll(scan.checkpoints, checkpoints);
  addAll(scan.temporary, temporary);
  addAll(scan.unreadable, unreadable);
  addAll(scan.links, links);
  return places;
}

/** `push(...items)` would exceed the engine's argument limit for a large folder. */
function addAll<Item>(to: Item[], items: readonly Item[]): void {
  for (const item of items) {
    to.push(item);
  }
}

/** A run folder may vanish while its neighbours are looked at; one that may not be read is named beside them. */
async function scanInner(scan: Scanned, place: Place): Promise<Place[]> {
  try {
    return await scanInto(scan, place);
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    if (errorCode(error) !== "ENOENT") {
      scan.unreadable.push({ path: place.folder, reason: explainFileError(error, "It") });
    }
    return [];
  }
}

/** The links that lie beside a folder and lead into it, as `best.pt` does to one of `checkpoints/`; none where that cannot be read. */
export async function linksBeside(folder: string): Promise<CheckpointLink[]> {
  const holder = dirname(folder);
  const beside = await fileCalls.readdir(holder).catch(passOverFileErrors);
  const paths = (beside ?? []).filter((child) => child.isSymbolicLink()).map(({ name }) => join(holder, name));
  return lastSteps(
    paths.map((path) => ({ path })),
    folder,
  );
}

/** Where links lead that go by other links, below the folder as it was named. */
async function lastSteps(links: readonly Pick<CheckpointLink, "path">[], folder: string): Promise<CheckpointLink[]> {
  if (links.length === 0) {
    return [];
  }
  const root = await realpath(folder);
  const steps = await mapConcurrently(links, CONCURRENT_CALLS, async ({ path }) => {
    const real = await realpath(path).catch(() => undefined);
    return real === undefined || !isBelow(root, real) ? [] : [{ path, target: join(folder, relative(root, real)) }];
  });
  return steps.flat();
}
