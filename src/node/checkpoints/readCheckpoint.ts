import { basename, dirname, join } from "node:path";
import type { ByteSource } from "../../core/base/byteSource.ts";
import { UserError } from "../../core/base/errors.ts";
import { judgeFreshness } from "../../core/checkpoints/checkpointListing.ts";
import { partsOf } from "../../core/checkpoints/checkpointParts.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { isGroupName, readFileGroup } from "../../core/checkpoints/fileGroup.ts";
import { readCheckpointFolder } from "../../core/checkpoints/folders/readCheckpointFolder.ts";
import { fewImports } from "../../core/checkpoints/importedName.ts";
import { readSettingsFile, settingsFileOf } from "../../core/checkpoints/llamaParams.ts";
import {
  type CheckpointDetails,
  readCheckpointDetails,
  readCheckpointFile,
} from "../../core/checkpoints/readCheckpointFile.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileBytes } from "./fileByteSource.ts";
import { fileCalls } from "./fileCalls.ts";
import { explainPathError } from "./fileErrors.ts";
import { seeFolder, seeShards } from "./lookIntoFolder.ts";
import { openFolder } from "./openFolder.ts";

/**
 * What one checkpoint file, model in several files (its index or first part) or folder holds, and whether it is whole.
 * Nothing in it is executed; of what loading it would import, the few least trusted are named. Throws UserError where there is no such file, or it may not be read.
 */
export async function readCheckpoint(path: string): Promise<CheckpointSummary> {
  return explaining(path, async () => {
    const summary = await readSummary(path);
    return { ...summary, imports: fewImports(summary.imports) };
  });
}

async function readSummary(path: string): Promise<CheckpointSummary> {
  if ((await fileCalls.stat(path)).isDirectory()) {
    return (await readCheckpointFolder(await openFolder(path))).summary;
  }
  const grouped = await readGroupAt(path);
  const read = (source: ByteSource) => readCheckpointFile(source, basename(path));
  return grouped?.summary ?? withSettings(path, await withFileBytes(path, read));
}

/** With the hyper-parameters that lie in a file beside it, where its format keeps none. */
async function withSettings(path: string, summary: CheckpointSummary): Promise<CheckpointSummary> {
  const name = summary.hyperParameters === undefined ? settingsFileOf(summary.name) : undefined;
  const hyperParameters = name === undefined ? undefined : await readSettings(join(dirname(path), name));
  return hyperParameters === undefined ? summary : { ...summary, hyperParameters };
}

/** They are worth showing, but the checkpoint is what it is without them. */
async function readSettings(path: string): Promise<CheckpointSummary["hyperParameters"]> {
  try {
    return await withFileBytes(path, readSettingsFile);
  } catch (error) {
    if (error instanceof UserError || errorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

/** The same as a listing of its folder has it: what changed moments ago and is incomplete counts as being written. */
export async function readFreshCheckpoint(path: string, now = Date.now): Promise<CheckpointSummary> {
  const summary = await readCheckpoint(path);
  return judgeFreshness(summary, now() - (await explaining(path, () => lastChangeMs(path))));
}

/**
 * The same with every tensor it names. A file that changed moments ago and is incomplete counts as being written.
 * Throws UserError where it cannot be read.
 */
export async function readCheckpointWithTensors(path: string, now = Date.now): Promise<CheckpointDetails> {
  return explaining(path, async () => {
    const status = await fileCalls.stat(path);
    const read = (source: ByteSource) => readCheckpointDetails(source, basename(path));
    const details = status.isDirectory()
      ? await readCheckpointFolder(await openFolder(path))
      : ((await readGroupAt(path)) ?? (await withFileBytes(path, read)));
    const summary = await withSettings(path, details.summary);
    return { ...details, summary: judgeFreshness(summary, now() - (await lastChangeMs(path))) };
  });
}

/** When a file, any part of its model, or any file in a folder was changed last, in milliseconds since 1970. */
async function lastChangeMs(path: string): Promise<number> {
  const status = await fileCalls.stat(path);
  if (status.isDirectory()) {
    return (await seeFolder(path)).changedMs;
  }
  const name = basename(path);
  if (!isGroupName(name)) {
    return status.mtimeMs;
  }
  const siblings = (await fileCalls.readdir(dirname(path))).map((child) => child.name);
  return (await seeShards(dirname(path), { names: partsOf(name, siblings), count: undefined })).modifiedMs;
}

/** The checkpoint that a file holds together with the files beside it; undefined for a file that stands alone. */
async function readGroupAt(path: string): Promise<CheckpointDetails | undefined> {
  const name = basename(path);
  return isGroupName(name) ? readFileGroup(await openFolder(dirname(path)), name) : undefined;
}

async function explaining<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (errorCode(cause) === undefined) {
      throw cause;
    }
    throw new UserError(await explainPathError(cause, path), { cause });
  }
}
