import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import { isCheckpointName, isSafetensorsIndex } from "../checkpointName.ts";
import { missingParts, shardSetsOf } from "../checkpointParts.ts";
import { type Completeness, torn } from "../checkpointSummary.ts";
import { reasonOf } from "../formatReading.ts";
import { lackingTensor, readWeightMap } from "../safetensorsIndex.ts";
import { type FolderParts, readParts } from "./folderParts.ts";

/** What Trainer and accelerate keep beside the folders that training with FSDP or DeepSpeed leaves. */
export type FolderFiles = { weights: FolderParts; others: FolderParts; problem: Completeness | undefined };

/** Reads every file of a folder that is a checkpoint itself, the weights apart; their shards must all be there. */
export async function readFolderFiles(folder: CheckpointFolder, weightsPattern: RegExp): Promise<FolderFiles> {
  const names = folder.files
    .map(({ name }) => name)
    .filter((name) => isCheckpointName(name) && !isSafetensorsIndex(name));
  const weights = await readParts(
    folder,
    names.filter((name) => weightsPattern.test(name)),
  );
  const others = await readParts(
    folder,
    names.filter((name) => !weightsPattern.test(name)),
  );
  const problem = weights.problem ?? others.problem ?? (await shardProblem(folder, weights));
  return { weights, others, problem };
}

async function shardProblem(folder: CheckpointFolder, { parts }: FolderParts): Promise<Completeness | undefined> {
  const names = parts.map(({ summary }) => summary.name);
  const isSafe = names.some((name) => name.endsWith(".safetensors"));
  // Where safetensors lie beside them, an index of PyTorch was left behind: the former are what is loaded.
  const indexes = folder.files.filter(({ name }) => isSafetensorsIndex(name) || (!isSafe && isTorchIndex(name)));
  for (const { name } of indexes) {
    const problem = await indexProblem(folder, name, parts);
    if (problem !== undefined) {
      return problem;
    }
  }
  const sets = indexes.length > 0 ? [] : [...shardSetsOf(names).values()];
  const [missing] = sets.flatMap((set) => missingParts(set, 1));
  return missing === undefined ? undefined : torn(`${missing} is missing`);
}

function isTorchIndex(name: string): boolean {
  return name.endsWith(".bin.index.json");
}

async function indexProblem(
  folder: CheckpointFolder,
  name: string,
  parts: FolderParts["parts"],
): Promise<Completeness | undefined> {
  try {
    const map = await folder.open(name, readWeightMap);
    const there = new Set(folder.files.map((file) => file.name));
    const missing = [...new Set(map?.values())].toSorted().find((shard) => !there.has(shard));
    if (missing !== undefined) {
      return torn(`${missing} is missing`);
    }
    // What PyTorch saved is named as its reader shows it, which need not be the key of the index.
    return map === undefined || !isSafetensorsIndex(name)
      ? undefined
      : lackingTensor(map, new Map(parts.map(({ summary, tensors }) => [summary.name, tensors])));
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return torn(`${name}: ${reasonOf(error)}`);
  }
}
