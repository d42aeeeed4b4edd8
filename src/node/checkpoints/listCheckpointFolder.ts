import { statfs } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import {
  type CheckpointEntry,
  type CheckpointListing,
  judgeFreshness,
} from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { mapConcurrently } from "./mapConcurrently.ts";
import { readCheckpoint } from "./readCheckpoint.ts";
import { type FolderScan, type FoundCheckpoint, scanCheckpointFolder } from "./scanCheckpointFolder.ts";

const CONCURRENT_READS = 8;
const MAX_REMEMBERED = 20_000;

/** Summaries by path, valid as long as size, time and identity of the file stay the same. */
export class SummaryCache {
  readonly #known = new Map<string, { version: string; summary: CheckpointSummary }>();

  /** The summary of this version, read only if it is not known yet. */
  async summaryOf(found: FoundCheckpoint): Promise<CheckpointSummary> {
    const version = `${found.sizeBytes} ${found.modifiedMs} ${found.fileId}`;
    const known = this.#known.get(found.path);
    if (known?.version === version) {
      return known.summary;
    }
    const summary = await readCheckpoint(found.path);
    this.#known.delete(found.path);
    this.#known.set(found.path, { version, summary });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > MAX_REMEMBERED) {
      this.#known.delete(oldest);
    }
    return summary;
  }
}

/**
 * Every checkpoint of a folder and of the run folders in it, in one pass. A folder that is missing or unreadable is a
 * listing that says so; a single file that cannot be read is named beside the others.
 */
export async function listCheckpointFolder(
  folder: string,
  options: { cache?: SummaryCache; signal?: AbortSignal; now?: () => number } = {},
): Promise<CheckpointListing> {
  return listScan(folder, await scanCheckpointFolder(folder), options);
}

/** The listing of a scan that was made already. */
export async function listScan(
  folder: string,
  scan: FolderScan,
  options: { cache?: SummaryCache; signal?: AbortSignal; now?: () => number },
): Promise<CheckpointListing> {
  if (scan.kind === "missing") {
    return { kind: "folder-missing", folder, message: missingMessage(folder) };
  }
  if (scan.kind === "unreadable") {
    return { kind: "folder-unreadable", folder, message: scan.message };
  }
  const { cache = new SummaryCache(), signal, now = Date.now } = options;
  const entries: CheckpointEntry[] = [];
  const unreadable = [...scan.unreadable];
  await mapConcurrently(scan.checkpoints, CONCURRENT_READS, async (found) => {
    signal?.throwIfAborted();
    try {
      const summary = judgeFreshness(await cache.summaryOf(found), now() - found.modifiedMs);
      entries.push(entryOf(found, summary));
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      unreadable.push({ path: found.path, reason: error.message });
    }
  });
  return { kind: "listed", folder, entries, temporary: scan.temporary, unreadable };
}

/** Bytes that may still be written where the folder is, or undefined where the system does not tell. */
export async function freeBytesAt(folder: string): Promise<number | undefined> {
  const status = await statfs(folder).catch(() => undefined);
  return status && status.bavail * status.bsize;
}

export function missingMessage(folder: string): string {
  return `The checkpoint folder ${folder} does not exist. A training usually makes it when it saves its first checkpoint.`;
}

function entryOf(found: FoundCheckpoint, summary: CheckpointSummary): CheckpointEntry {
  return {
    path: found.path,
    modifiedMs: found.modifiedMs,
    summary,
    ...(found.run !== undefined && { run: found.run }),
    ...(found.linkTarget !== undefined && { linkTarget: found.linkTarget }),
  };
}
