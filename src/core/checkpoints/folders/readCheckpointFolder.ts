import type { CheckpointFolder } from "../checkpointFolder.ts";
import { type CheckpointSummary, unknown } from "../checkpointSummary.ts";
import { type FormatReading, unread } from "../formatReading.ts";
import { addNamedFacts } from "../namedFacts.ts";
import type { CheckpointDetails } from "../readCheckpointFile.ts";
import { readAccelerateFolder } from "./accelerateFolder.ts";
import { readDeepspeedFolder } from "./deepspeedFolder.ts";
import { readDistributedFolder } from "./distributedFolder.ts";
import { type FolderLayout, folderLayoutOf } from "./folderLayout.ts";
import { readMegatronFolder } from "./megatronFolder.ts";
import { readOrbaxFolder } from "./orbaxFolder.ts";
import { readTrainerFolder } from "./trainerFolder.ts";

const readers: Readonly<Record<FolderLayout, (folder: CheckpointFolder) => Promise<FormatReading>>> = {
  trainer: readTrainerFolder,
  accelerate: readAccelerateFolder,
  deepspeed: readDeepspeedFolder,
  distributed: readDistributedFolder,
  megatron: readMegatronFolder,
  orbax: readOrbaxFolder,
};

/** Folders inside a checkpoint are few and flat; a link that leads back up would have no end. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 4_000;

/**
 * What a folder that is one checkpoint holds, with all its tensors. A folder of any other kind has the format
 * `unknown`. Throws only what the folder throws.
 */
export async function readCheckpointFolder(folder: CheckpointFolder): Promise<CheckpointDetails> {
  const layout = folderLayoutOf(folder.name, [...folder.files.map(({ name }) => name), ...folder.folders]);
  if (layout === undefined) {
    const reading = unread("unknown", unknown("a folder of a layout that is not known"));
    return { summary: summarise(reading, folder.name, 0), tensors: [] };
  }
  const reading = await readers[layout](folder);
  const sizeBytes = await folderBytes(folder, MAX_DEPTH, { folders: MAX_FOLDERS });
  return { summary: summarise(reading, folder.name, sizeBytes), tensors: reading.tensors };
}

function summarise(reading: FormatReading, name: string, sizeBytes: number): CheckpointSummary {
  const { format, completeness, contents } = reading;
  return {
    ...addNamedFacts(contents, name),
    name,
    kind: "folder",
    format,
    completeness,
    sizeBytes,
  };
}

async function folderBytes(folder: CheckpointFolder, depth: number, budget: { folders: number }): Promise<number> {
  let sum = folder.files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  for (const name of depth > 0 ? folder.folders : []) {
    budget.folders--;
    const inner = budget.folders < 0 ? undefined : await folder.enter(name);
    sum += inner === undefined ? 0 : await folderBytes(inner, depth - 1, budget);
  }
  return sum;
}
