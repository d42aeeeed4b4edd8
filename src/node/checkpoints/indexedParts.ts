import { basename, dirname, join } from "node:path";
import { FormatError } from "../../core/base/errors.ts";
import { isCheckpointName, isSafetensorsIndex } from "../../core/checkpoints/checkpointName.ts";
import { readShardNames } from "../../core/checkpoints/safetensorsIndex.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileBytes } from "./fileByteSource.ts";
import { type FoundCheckpoint, seeShards, versionOf } from "./lookIntoFolder.ts";

/** What indexes name, by their paths; one is read again only when it has changed. */
export class IndexNames {
  readonly #known = new Map<string, { version: string; names: readonly string[] }>();

  async namesIn(index: FoundCheckpoint): Promise<readonly string[]> {
    const version = versionOf(index);
    const known = this.#known.get(index.path);
    if (known?.version === version) {
      return known.names;
    }
    const names = await shardNamesAt(index.path);
    this.#known.set(index.path, { version, names });
    return names;
  }
}

/**
 * With the files that an index beside them names as parts of it, and not as checkpoints of their own. Most are known by their
 * names already; an index is read only where other safetensors files lie beside it.
 */
export async function joinIndexedParts(
  checkpoints: readonly FoundCheckpoint[],
  indexNames: IndexNames = new IndexNames(),
): Promise<readonly FoundCheckpoint[]> {
  const indexes = checkpoints.filter(({ path, kind }) => kind === "file" && isSafetensorsIndex(path));
  if (indexes.length === 0) {
    return checkpoints;
  }
  const files = new Set(checkpoints.filter(({ kind }) => kind === "file").flatMap(pathsOf));
  const places = new Set(checkpoints.filter(isWeights).map(({ path }) => dirname(path)));
  const parts = new Set<string>();
  const joined = new Map<string, FoundCheckpoint>();
  for (const index of indexes.filter(({ path }) => places.has(dirname(path)))) {
    const folder = dirname(index.path);
    const named = (await indexNames.namesIn(index)).filter(
      (name) => isCheckpointName(name) && name !== basename(index.path) && files.has(join(folder, name)),
    );
    if (named.length > 0) {
      named.forEach((name) => parts.add(join(folder, name)));
      joined.set(index.path, await withParts(index, named));
    }
  }
  return checkpoints.filter(({ path }) => !parts.has(path)).map((found) => joined.get(found.path) ?? found);
}

/** A set of shards is found as its first. */
function pathsOf({ path, shards }: FoundCheckpoint): string[] {
  return [path, ...(shards?.names ?? []).map((name) => join(dirname(path), name))];
}

/** It changes when any of them does. */
async function withParts(index: FoundCheckpoint, named: readonly string[]): Promise<FoundCheckpoint> {
  const names = new Set([...(index.shards?.names ?? [index.name]), ...named]);
  const shards = { names: [...names], count: undefined };
  return { ...index, shards, ...(await seeShards(dirname(index.path), shards)) };
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
