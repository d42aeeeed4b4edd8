import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointFolder } from "../../core/checkpoints/checkpointFolder.ts";
import { judgeFreshness } from "../../core/checkpoints/checkpointListing.ts";
import { type CheckpointSummary, emptyContents, unknown } from "../../core/checkpoints/checkpointSummary.ts";
import {
  type CheckpointDetails,
  readCheckpointDetails,
  readCheckpointFile,
} from "../../core/checkpoints/readCheckpointFile.ts";
import { readSafetensorsIndex } from "../../core/checkpoints/safetensorsIndex.ts";
import { isTrainerFolder, readTrainerFolder } from "../../core/checkpoints/trainerFolder.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileBytes } from "./fileByteSource.ts";
import { explainFileError } from "./fileErrors.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

const CONCURRENT_CALLS = 16;

/**
 * What one checkpoint file, sharded model (its index) or Trainer folder holds, and whether it is whole. Nothing in it
 * is executed. Throws UserError where there is no such file, or it may not be read.
 */
export async function readCheckpoint(path: string): Promise<CheckpointSummary> {
  return explaining(path, async () => {
    if ((await stat(path)).isDirectory()) {
      return readFolder(path);
    }
    if (path.endsWith(".safetensors.index.json")) {
      return readIndex(path);
    }
    return withFileBytes(path, (source) => readCheckpointFile(source, basename(path)));
  });
}

/**
 * One file with every tensor it names. A file that changed moments ago and is incomplete counts as being written.
 * Throws UserError where it cannot be read.
 */
export async function readCheckpointWithTensors(path: string, now = Date.now): Promise<CheckpointDetails> {
  return explaining(path, async () => {
    const { mtimeMs } = await stat(path);
    const details = await withFileBytes(path, (source) => readCheckpointDetails(source, basename(path)));
    return { ...details, summary: judgeFreshness(details.summary, now() - mtimeMs) };
  });
}

async function explaining<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (errorCode(cause) === undefined) {
      throw cause;
    }
    throw new UserError(explainFileError(cause, path), { cause });
  }
}

async function readFolder(path: string): Promise<CheckpointSummary> {
  const folder = await openFolder(path);
  if (
    isTrainerFolder(
      folder.name,
      folder.files.map((file) => file.name),
    )
  ) {
    return readTrainerFolder(folder);
  }
  return {
    ...emptyContents,
    name: folder.name,
    kind: "folder",
    format: "unknown",
    completeness: unknown("a folder of a layout that is not known"),
    sizeBytes: folder.files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}

async function readIndex(path: string): Promise<CheckpointSummary> {
  const folder = await openFolder(dirname(path));
  const reading = await withFileBytes(path, (source) => readSafetensorsIndex(source, folder));
  return {
    ...reading.contents,
    name: basename(path),
    kind: "file",
    format: "safetensors-index",
    completeness: reading.completeness,
    sizeBytes: reading.sizeBytes,
  };
}

async function openFolder(path: string): Promise<CheckpointFolder> {
  const names = await readdir(path);
  const files = await mapConcurrently(names, CONCURRENT_CALLS, async (name) => {
    const status = await stat(join(path, name)).catch(() => undefined);
    return status?.isFile() ? [{ name, sizeBytes: status.size }] : [];
  });
  return {
    name: basename(path),
    files: files.flat(),
    open: async (name, read) => {
      try {
        return await withFileBytes(join(path, name), read);
      } catch (error) {
        if (errorCode(error) === "ENOENT") {
          return undefined;
        }
        throw error;
      }
    },
  };
}
