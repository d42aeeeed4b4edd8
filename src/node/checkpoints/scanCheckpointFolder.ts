import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import type { CheckpointLink } from "../../core/checkpoints/checkpointListing.ts";
import { isBelow } from "../../core/checkpoints/checkpointParts.ts";
import { errorCode } from "../base/fileErrors.ts";
import { explainFileError } from "./fileErrors.ts";
import { emptyLook, type FolderLook, lookIntoFolder, type Place } from "./lookIntoFolder.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

export type FolderScan =
  /** What lies in the folder and in those below it; its places are all that were looked into, itself first. */
  ({ kind: "scanned" } & FolderLook) | { kind: "missing" } | { kind: "unreadable"; message: string };

/** Folder of runs below folder of runs: `checkpoints/<run>/checkpoint-500` is as deep as trainings write. */
const MAX_DEPTH = 2;
/** Places below one folder that are looked into. */
export const MAX_PLACES = 2_000;
const CONCURRENT_CALLS = 16;

export function topPlace(folder: string): Place {
  return { folder, run: undefined, depth: MAX_DEPTH };
}

/** One pass over a folder and the run folders in it. */
export async function scanCheckpointFolder(folder: string): Promise<FolderScan> {
  const scan = emptyLook();
  try {
    await scanInto(scan, topPlace(folder));
    scan.links.push(...(await lastSteps(scan.links, folder)));
    return { kind: "scanned", ...scan };
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return { kind: "missing" };
    }
    return { kind: "unreadable", message: explainFileError(error, `The checkpoint folder ${folder}`) };
  }
}

/** Recursive to a depth of MAX_DEPTH at most. */
async function scanInto(scan: FolderLook, place: Place): Promise<void> {
  const { checkpoints, temporary, unreadable, links, places } = await lookIntoFolder(place);
  scan.places.push(place);
  addAll(scan.checkpoints, checkpoints);
  addAll(scan.temporary, temporary);
  addAll(scan.unreadable, unreadable);
  addAll(scan.links, links);
  for (const inner of places) {
    if (scan.places.length < MAX_PLACES) {
      await scanInner(scan, inner);
    }
  }
}

/** `push(...items)` would exceed the engine's argument limit for a large folder. */
function addAll<Item>(to: Item[], items: readonly Item[]): void {
  for (const item of items) {
    to.push(item);
  }
}

/** A run folder may vanish while its neighbours are looked at; one that may not be read is named beside them. */
async function scanInner(scan: FolderLook, place: Place): Promise<void> {
  try {
    await scanInto(scan, place);
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    if (errorCode(error) !== "ENOENT") {
      scan.unreadable.push({ path: place.folder, reason: explainFileError(error, "It") });
    }
  }
}

/** Where links lead that go by other links, below the folder as it was named. */
async function lastSteps(links: readonly CheckpointLink[], folder: string): Promise<CheckpointLink[]> {
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
