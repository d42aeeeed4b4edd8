import type { CheckpointFolder } from "./checkpointFolder.ts";
import { isGgufPart, isSafetensorsIndex, isTensorflowIndex } from "./checkpointName.ts";
import { torn } from "./checkpointSummary.ts";
import { readDistributedFolder } from "./folders/distributedFolder.ts";
import { type FormatReading, unread } from "./formatReading.ts";
import { readGgufParts } from "./ggufParts.ts";
import { addNamedFacts } from "./namedFacts.ts";
import type { CheckpointDetails } from "./readCheckpointFile.ts";
import { type IndexReading, readSafetensorsIndex } from "./safetensorsIndex.ts";
import { readTensorflowBundle } from "./tensorflowBundle.ts";

/*
 * Some checkpoints are several files of a folder that one of them stands for:
 *
 *   model.safetensors.index.json   names the parts
 *   ckpt-3.index                   TensorFlow's, beside ckpt-3.data-00000-of-00001
 *   model-00001-of-00003.gguf      any part stands for all
 *   .metadata                      of torch.distributed.checkpoint, for the folder that it lies in
 */

type Group = FormatReading & Pick<IndexReading, "sizeBytes" | "parts">;

/** Whether a file is read together with others beside it. */
export function isGroupName(name: string): boolean {
  return isSafetensorsIndex(name) || isTensorflowIndex(name) || isGgufPart(name) || name === ".metadata";
}

/** The checkpoint that a file of the folder stands for. Throws only what the folder throws. */
export async function readFileGroup(folder: CheckpointFolder, name: string): Promise<CheckpointDetails> {
  const { format, completeness, contents, tensors, sizeBytes, parts } = await readGroup(folder, name);
  const summary = {
    ...addNamedFacts(contents, name),
    name,
    kind: "file" as const,
    format,
    completeness,
    sizeBytes,
    ...(parts !== undefined && { parts }),
  };
  return { summary, tensors };
}

async function readGroup(folder: CheckpointFolder, name: string): Promise<Group> {
  if (isGgufPart(name)) {
    return readGgufParts(folder, name);
  }
  if (isTensorflowIndex(name)) {
    return readTensorflowBundle(folder, name);
  }
  if (name === ".metadata") {
    const sizeBytes = folder.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return { ...(await readDistributedFolder(folder)), sizeBytes };
  }
  const index = await folder.open(name, (source) => readSafetensorsIndex(source, folder));
  return index ?? { ...unread("safetensors-index", torn("it is gone")), sizeBytes: 0 };
}
