import { statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import {
  type CheckpointEntry,
  type CheckpointListing,
  judgeFreshness,
} from "../../core/checkpoints/checkpointListing.ts";
import { isTrainerWeights, trainerFolderStep } from "../../core/checkpoints/checkpointName.ts";
import { missingParts, partsByTensors, type ShardSet } from "../../core/checkpoints/checkpointParts.ts";
import {
  type CheckpointSummary,
  type Completeness,
  torn,
  unknown,
  whole,
} from "../../core/checkpoints/checkpointSummary.ts";
import type { DiskSpace } from "../../core/checkpoints/describeCheckpoint.ts";
import { isGroupName } from "../../core/checkpoints/fileGroup.ts";
import { fewImports } from "../../core/checkpoints/importedName.ts";
import { isEnough, type ListFolder, type ListUntil } from "../../core/checkpoints/listUntil.ts";
import { fileCalls } from "./fileCalls.ts";
import { explainFileError } from "./fileErrors.ts";
import { joinIndexedParts } from "./indexedParts.ts";
import { type FoundCheckpoint, versionOf } from "./lookIntoFolder.ts";
import { mapConcurrently } from "./mapConcurrently.ts";
import { readCheckpoint, readCheckpointWithTensors } from "./readCheckpoint.ts";
import { FALLBACK_DEPTH, type Scanned, scanCheckpointFolder } from "./scanCheckpointFolder.ts";

const CONCURRENT_READS = 8;
const MAX_REMEMBERED = 20_000;

/** Summaries by path, valid as long as size, time and identity of the file stay the same. */
export class SummaryCache {
  readonly #known = new Map<string, { version: string; summary: CheckpointSummary }>();

  /** The summary of this version, read only if it is not known yet. */
  async summaryOf(found: FoundCheckpoint): Promise<CheckpointSummary> {
    const version = versionOf(found);
    const known = this.#known.get(found.path);
    if (known?.version === version) {
      return known.summary;
    }
    const summary = await readFound(found);
    this.#known.delete(found.path);
    // An index may name files that do not look like its parts, so that nobody sees them change.
    if (found.kind === "file" && summary.sizeBytes > found.sizeBytes) {
      return summary;
    }
    this.#known.set(found.path, { version, summary });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MAX_REMEMBERED) {
      this.#known.delete(oldest);
    }
    return summary;
  }
}

export type ListOptions = {
  cache?: SummaryCache;
  signal?: AbortSignal;
  now?: () => number;
  /** What is wanted; once the newest ones settle it, older ones are not read and not listed. */
  until?: ListUntil | undefined;
  /** Folders that are looked into. */
  maxPlaces?: number;
};

/**
 * Every checkpoint of a folder and of the run folders in it, in one pass, and where no training saved there, of the folders
 * deeper below. A folder that is missing or unreadable is a listing that says so; a single file that cannot be read is named
 * beside the others.
 */
export async function listCheckpointFolder(folder: string, options: ListOptions = {}): Promise<CheckpointListing> {
  const scan = await scanCheckpointFolder(folder, options.maxPlaces, FALLBACK_DEPTH);
  if (scan.kind === "missing") {
    return { kind: "folder-missing", folder, message: missingMessage(folder) };
  }
  return scan.kind === "unreadable"
    ? { kind: "folder-unreadable", folder, message: scan.message }
    : listScan(folder, scan, options);
}

/** Lists on this thread; what was read once is read again only when it has changed. */
export function folderLister(cache = new SummaryCache()): ListFolder {
  return (folder, until) => listCheckpointFolder(folder, { cache, until });
}

async function listScan(folder: string, scan: Scanned, options: ListOptions): Promise<CheckpointListing> {
  const { cache = new SummaryCache(), signal, now = Date.now, until } = options;
  const entries: CheckpointEntry[] = [];
  const checkpoints = await joinIndexedParts(scan.checkpoints);
  const twins = twinsOf(checkpoints);
  const finals = finalsAmong(checkpoints);
  const unreadable = [...scan.unreadable];
  const read = async (scanned: FoundCheckpoint) => {
    signal?.throwIfAborted();
    try {
      const { found, summary: held } = await readAsSeen(scanned, cache);
      const summary = judgeFreshness(held, now() - (found.changedMs ?? found.modifiedMs));
      entries.push({
        ...entryOf(found, summary, twins.get(found.path)),
        ...(finals.has(found.path) && { isFinal: true as const }),
      });
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      unreadable.push({ path: scanned.path, reason: explainFileError(error.cause ?? error, "It") });
    }
  };
  const inOrder = checkpoints.toSorted((a, b) => b.modifiedMs - a.modifiedMs);
  const step = until === undefined ? inOrder.length : CONCURRENT_READS;
  for (let at = 0; at < inOrder.length; at += step) {
    await mapConcurrently(inOrder.slice(at, at + step), CONCURRENT_READS, read);
    if (until !== undefined && isEnough(until, entries)) {
      break;
    }
  }
  return {
    kind: "listed",
    folder,
    entries,
    temporary: scan.temporary,
    unreadable,
    links: scan.links,
    leftOut: scan.leftOut,
  };
}

/** What a checkpoint holds and looks like; in a large folder one may be finished between being seen and being read. */
async function readAsSeen(
  found: FoundCheckpoint,
  cache: SummaryCache,
): Promise<{ found: FoundCheckpoint; summary: CheckpointSummary }> {
  const summary = await cache.summaryOf(found);
  if (found.kind === "folder" || found.shards !== undefined || summary.sizeBytes === found.sizeBytes) {
    return { found, summary };
  }
  const [status] = await fileCalls.statEach([found.path]);
  if (status === undefined || status instanceof Error) {
    return { found, summary };
  }
  const { size, mtimeMs, dev, ino } = status;
  const later = { ...found, sizeBytes: size, modifiedMs: mtimeMs, fileId: `${dev}:${ino}` };
  const isSame = versionOf(later) === versionOf(found);
  return isSame ? { found, summary } : { found: later, summary: await cache.summaryOf(later) };
}

export type FoundParts = Pick<FoundCheckpoint, "path" | "shards">;

/** What a found checkpoint holds; of one in several files, all of them. */
export async function readFound({ path, shards }: FoundParts): Promise<CheckpointSummary> {
  return shards === undefined || isGroupName(basename(path)) ? readCheckpoint(path) : readShards(path, shards);
}

/** The first says what the model is; it is whole when all are there and each of them is. */
async function readShards(path: string, shards: ShardSet): Promise<CheckpointSummary> {
  const first = await readCheckpoint(path);
  const rest = await mapConcurrently(shards.names.slice(1), CONCURRENT_READS, (name) =>
    readCheckpoint(join(dirname(path), name)),
  );
  const all = [first, ...rest];
  const count = shards.count ?? partsByTensors((await readCheckpointWithTensors(path)).tensors);
  return {
    ...first,
    completeness: judgeShards(all, { ...shards, count }),
    sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    tensorCount: all.reduce((sum, { tensorCount }) => sum + tensorCount, 0),
    parameterCount: all.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
    dtypes: [...new Set(all.flatMap(({ dtypes }) => dtypes))],
    imports: fewImports(all.flatMap(({ imports }) => imports)),
  };
}

/** Missing parts that are named; of more it is said how many. */
const MAX_NAMED = 3;

function judgeShards(summaries: readonly CheckpointSummary[], shards: ShardSet): Completeness {
  const broken = summaries.find(({ completeness }) => completeness.state !== "whole");
  if (broken !== undefined) {
    return { state: broken.completeness.state, reason: `${broken.name}: ${broken.completeness.reason}` };
  }
  const missing = missingParts(shards, MAX_NAMED + 1);
  const { length: there } = summaries;
  if (missing.length > 0) {
    const named = missing.slice(0, MAX_NAMED).join(", ");
    const others = missing.length > MAX_NAMED ? " and others" : "";
    return torn(`${there} of ${shards.count ?? "its"} shards are there, without ${named}${others}`);
  }
  if (shards.count === there) {
    return whole(`all ${there} shards are complete`);
  }
  if (shards.count === undefined && there === 1) {
    return whole("its one part is complete");
  }
  return unknown(`${there} parts, of ${shards.count ?? "how many the names do not say"}`);
}

/** What may still be written where the folder is, or undefined where the system does not tell. */
export async function diskAt(folder: string): Promise<DiskSpace | undefined> {
  const status = await statfs(folder).catch(() => undefined);
  return status && { freeBytes: status.bavail * status.bsize, nowMs: Date.now() };
}

export function missingMessage(folder: string): string {
  return `The checkpoint folder ${folder} does not exist. A training usually makes it when it saves its first checkpoint.`;
}

/** Of several names of one file all but the first, with the first. A symbolic link says itself where it leads. */
function twinsOf(checkpoints: readonly FoundCheckpoint[]): Map<string, string> {
  const files = checkpoints.filter(({ kind, linkTarget }) => kind === "file" && linkTarget === undefined);
  const first = new Map<string, string>();
  const twins = new Map<string, string>();
  if (new Set(files.map(({ fileId }) => fileId)).size === files.length) {
    return twins;
  }
  for (const { fileId, path, name } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const known = first.get(fileId);
    if (known === undefined) {
      first.set(fileId, name);
    } else {
      twins.set(path, known);
    }
  }
  return twins;
}

/** What a Trainer saves once more at the end, beside the folders of its steps. */
function finalsAmong(checkpoints: readonly FoundCheckpoint[]): Set<string> {
  const withSteps = new Set(
    checkpoints.filter(({ kind, name }) => kind === "folder" && trainerFolderStep(name) !== undefined).map(holderOf),
  );
  return new Set(
    checkpoints
      .filter((found) => found.kind === "file" && isTrainerWeights(found.name) && withSteps.has(holderOf(found)))
      .map(({ path }) => path),
  );
}

function holderOf({ path }: FoundCheckpoint): string {
  return dirname(path);
}

function entryOf(found: FoundCheckpoint, summary: CheckpointSummary, twin: string | undefined): CheckpointEntry {
  return {
    path: found.path,
    modifiedMs: found.modifiedMs,
    version: versionOf(found),
    summary,
    ...(found.run !== undefined && { run: found.run }),
    ...(twin !== undefined && { sameFileAs: twin }),
    ...(found.linkTarget !== undefined && { linkTarget: found.linkTarget }),
  };
}
