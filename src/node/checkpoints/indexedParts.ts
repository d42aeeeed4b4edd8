import { basename, dirname, join } from "node:path";
import { FormatError } from "../../core/base/errors.ts";
import { isCheckpointName, isSafetensorsIndex } from "../../core/checkpoints/checkpointName.ts";
import { readShardNames } from "../../core/checkpoints/safetensorsIndex.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileBytes } from "./fileByteSource.ts";
import type { FoundCheckpoint } from "./lookIntoFolder.ts";

/**
 * Without the files that an index beside them names as its parts. Most are known by their names already; an index is read
 * only where other safetensors files lie beside it.
 */
export async function withoutIndexedParts(
  checkpoints: readonly FoundCheckpoint[],
): Promise<readonly FoundCheckpoint[]> {
  const indexes = checkpoints.filter(({ path, kind }) => kind === "file" && isSafetensorsIndex(path));
  if (indexes.length === 0) {
    return checkpoints;
  }
  const others = new Set(checkpoints.filter(isWeights).map(({ path }) => dirname(path)));
  const parts = new Set<string>();
  for (const { path } of indexes.filter((index) => others.has(dirname(index.path)))) {
    for (const name of await shardNamesAt(path)) {
      if (isCheckpointName(name) && name !== basename(path)) {
        parts.add(join(dirname(path), name));
      }
    }
  }
  return checkpoints.filter(({ path }) => !parts.has(path));
}

function isWeights({ path, kind }: FoundCheckpoint): boolean {
  return kind === "file" && path.endsWith(".safetensors");
}

/** None where the index is gone or is none; reading the checkpoint says so. */
async function shardNamesAt(path: string): Promise<readonly string[]> {
  try {
    return await withFileBytes(path, readShardNames);
  } catch (error) {
    if (error instanceof FormatError || errorCode(error) !== undefined) {
      return [];
    }
    throw error;
  }
}
