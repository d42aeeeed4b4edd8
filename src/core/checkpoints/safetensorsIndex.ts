import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import type { CheckpointFolder } from "./checkpointFolder.ts";
import { isCheckpointName } from "./checkpointName.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { type FormatReading, unread } from "./formatReading.ts";
import { readSafetensors } from "./safetensors.ts";
import { safetensorsEntries, type TensorEntry } from "./tensorEntry.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/*
 * A model in several files is held together by `model.safetensors.index.json`:
 *
 *   {"metadata": {"total_size": …}, "weight_map": {"layer.weight": "model-00001-of-00003.safetensors", …}}
 */

/** `parts` are the files that it names, without those whose names are none of a checkpoint. */
export type IndexReading = FormatReading & { sizeBytes: number; parts?: readonly string[] };

const FORMAT = "safetensors index";
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
const MAX_SHARDS = 5_000;
/** Characters of a tensor's name that are shown. */
const MAX_SHOWN = 120;

/** Reads the index and every file it names; whole only if each of them is. */
export async function readSafetensorsIndex(index: ByteSource, folder: CheckpointFolder): Promise<IndexReading> {
  try {
    const map = await readWeightMap(index);
    // What goes with a model may be moved away with it, so an index has no say over other files.
    return { ...(await readShards(map, folder, index.sizeBytes)), parts: shardNamesIn(map).filter(isCheckpointName) };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return { ...unread("safetensors-index", torn(error.message)), sizeBytes: index.sizeBytes };
  }
}

/** The files that an index names, sorted. Throws FormatError where it is none, or names what does not lie beside it. */
export async function readShardNames(index: ByteSource): Promise<readonly string[]> {
  return shardNamesIn(await readWeightMap(index));
}

/** The file of each tensor, from an index of safetensors or of PyTorch; throws as above. */
export async function readWeightMap(index: ByteSource): Promise<ReadonlyMap<string, string>> {
  return parseWeightMap(await readText(index));
}

async function readText(source: ByteSource): Promise<string> {
  if (source.sizeBytes > MAX_INDEX_BYTES) {
    throw new FormatError(FORMAT, 0, `the index is larger than ${MAX_INDEX_BYTES} bytes`);
  }
  return new TextDecoder().decode(await source.read(0, source.sizeBytes));
}

function parseWeightMap(text: string): ReadonlyMap<string, string> {
  const index = parseTolerantJson(text, FORMAT);
  const map = index instanceof Map ? index.get("weight_map") : undefined;
  if (!(map instanceof Map) || map.size === 0) {
    throw new FormatError(FORMAT, 0, "it has no weight_map");
  }
  const names = new Set<string>();
  const shards = new Map<string, string>();
  for (const [tensor, name] of map) {
    // A name is looked up beside the index and nowhere else.
    if (typeof name !== "string" || name === "" || name === ".." || (!names.has(name) && /[/\\\0]/.test(name))) {
      throw new FormatError(FORMAT, 0, "its weight_map names something that is no file beside it");
    }
    shards.set(tensor, name);
    names.add(name);
    if (names.size > MAX_SHARDS) {
      throw new FormatError(FORMAT, 0, `it names more than ${MAX_SHARDS} files`);
    }
  }
  return shards;
}

function shardNamesIn(map: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set(map.values())].toSorted();
}

/** What is wrong where a file lacks a tensor that the index has in it; files that are not given are not looked at. */
export function lackingTensor(
  map: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, readonly { name: string }[]>,
): Completeness | undefined {
  const held = new Map(Array.from(files, ([file, tensors]) => [file, new Set(tensors.map(({ name }) => name))]));
  for (const [tensor, file] of map) {
    if (held.get(file)?.has(tensor) === false) {
      return torn(`${tensor.slice(0, MAX_SHOWN)} is not in ${file}, where the index has it`);
    }
  }
  return undefined;
}

async function readShards(
  map: ReadonlyMap<string, string>,
  folder: CheckpointFolder,
  indexBytes: number,
): Promise<IndexReading> {
  const names = shardNamesIn(map);
  const held = new Map<string, readonly { name: string }[]>();
  const tensors: TensorEntry[] = [];
  let contents: CheckpointContents = { ...emptyContents, framework: { name: "PyTorch" } };
  let problem: Completeness | undefined;
  let sizeBytes = indexBytes;
  for (const name of names) {
    const shard = await folder.open(name, (source) => readSafetensors(source));
    sizeBytes += folder.files.find((file) => file.name === name)?.sizeBytes ?? 0;
    if (shard === undefined) {
      problem ??= torn(`${name} is missing`);
    } else if (shard.completeness.state !== "whole") {
      const { state, reason } = shard.completeness;
      problem ??= state === "torn" ? torn(`${name}: ${reason}`) : unknown(`${name}: ${reason}`);
    } else {
      held.set(name, shard.tensors);
    }
    contents = addShard(contents, shard?.contents ?? emptyContents);
    // One by one: a call with 100,000 arguments would not return.
    safetensorsEntries(shard?.tensors ?? []).forEach((tensor) => tensors.push(tensor));
  }
  const completeness =
    problem ??
    lackingTensor(map, held) ??
    whole(names.length === 1 ? "its one part is complete" : `all ${names.length} parts are complete`);
  return { format: "safetensors-index", completeness, contents, tensors, sizeBytes };
}

function addShard(sum: CheckpointContents, shard: CheckpointContents): CheckpointContents {
  return {
    ...sum,
    tensorCount: sum.tensorCount + shard.tensorCount,
    parameterCount: sum.parameterCount + shard.parameterCount,
    dtypes: [...new Set([...sum.dtypes, ...shard.dtypes])],
  };
}
