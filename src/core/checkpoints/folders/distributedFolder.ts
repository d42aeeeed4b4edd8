import { sliceSource } from "../../base/byteSource.ts";
import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "../checkpointSummary.ts";
import { countTensors, type FormatReading, unread } from "../formatReading.ts";
import type { PlainValue } from "../plainValue.ts";
import { scalarOf } from "../torchScalar.ts";
import { readTorchObject } from "../torchZip.ts";
import { type DistributedMetadata, parseDistributedMetadata, type StoredPiece } from "./distributedMetadata.ts";
import { importsOfObjects } from "./distributedObjects.ts";
import { judgeUnreadable, readSmallFile } from "./folderParts.ts";

/*
 * torch.distributed.checkpoint saves a folder:
 *
 *   __<rank>_<n>.distcp     the pieces that one process wrote, one after another
 *   .metadata               what lies where; written under another name, synced, and renamed last of all
 */

const METADATA_NAME = ".metadata";
const FORMAT = "distributed-folder";
const MAX_METADATA_BYTES = 64 * 1024 * 1024;
/** Epoch, step and a few more are objects of their own, each a small file inside a file. */
const MAX_OBJECT_BYTES = 64 * 1024;
const MAX_OBJECTS_READ = 12;
const epochPattern = /(^|\.)(epoch|current_epoch)$/;
const stepPattern = /(^|\.)(global_step|step|iteration|steps|num_updates)$/;
const optimizerPattern = /(^|\.)optim/i;
const schedulerPattern = /(^|\.)(lr_)?sched/i;

/** Reads what `.metadata` describes and whether the files hold it. Throws only what the folder throws. */
export async function readDistributedFolder(folder: CheckpointFolder): Promise<FormatReading> {
  try {
    const bytes = await readSmallFile(folder, METADATA_NAME, MAX_METADATA_BYTES);
    if (bytes === undefined) {
      return unread(FORMAT, torn(`${METADATA_NAME}, which is written last, is not there`));
    }
    const metadata = parseDistributedMetadata(bytes);
    const completeness = judge(metadata, folder);
    const contents = await contentsOf(metadata, folder);
    return { format: FORMAT, completeness, contents, tensors: metadata.tensors };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return unread(FORMAT, judgeUnreadable(METADATA_NAME, error));
  }
}

function judge({ pieces, chunkCounts, incomplete }: DistributedMetadata, folder: CheckpointFolder): Completeness {
  const ends = new Map<string, number>();
  const stored = new Map<string, number>();
  for (const { name, path, offset, length } of pieces) {
    ends.set(path, Math.max(ends.get(path) ?? 0, offset + length));
    stored.set(name, (stored.get(name) ?? 0) + 1);
  }
  const sizes = new Map(folder.files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  for (const [path, end] of [...ends].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const sizeBytes = sizes.get(path);
    if (/[/\\\0]/.test(path)) {
      return unknown("it places a piece outside its own folder");
    }
    if (sizeBytes === undefined) {
      return torn(`${path.slice(0, 80)} is missing`);
    }
    if (sizeBytes < end) {
      return torn(`${path.slice(0, 80)} has ${sizeBytes} of ${end} bytes`);
    }
  }
  for (const [name, count] of chunkCounts) {
    if ((stored.get(name) ?? 0) < count) {
      return torn(`${name.slice(0, 80)} was saved in ${count} pieces, ${stored.get(name) ?? 0} are listed`);
    }
  }
  return incomplete === undefined
    ? whole(`${METADATA_NAME} is there and every piece it lists is`)
    : unknown(`the pieces of ${incomplete.slice(0, 80)} do not make up its shape`);
}

async function contentsOf(metadata: DistributedMetadata, folder: CheckpointFolder): Promise<CheckpointContents> {
  const names = [...metadata.chunkCounts.keys()];
  const model = metadata.tensors.filter(({ name }) => !optimizerPattern.test(name) && !schedulerPattern.test(name));
  const numbers = await readNumbers(metadata.pieces, folder);
  const find = (pattern: RegExp) =>
    [...numbers].find(([name]) => pattern.test(name) && !optimizerPattern.test(name))?.[1];
  const epoch = find(epochPattern);
  const step = find(stepPattern) ?? [...numbers].find(([name]) => stepPattern.test(name))?.[1];
  const settings: [string, PlainValue][] = [...numbers].filter(
    ([name]) => !stepPattern.test(name) && !epochPattern.test(name),
  );
  return {
    ...emptyContents,
    ...countTensors(model.length > 0 ? model : metadata.tensors),
    ...(epoch !== undefined && { epoch }),
    ...(step !== undefined && { step }),
    ...(settings.length > 0 && { hyperParameters: Object.fromEntries(settings) }),
    hasOptimizerState: names.some((name) => optimizerPattern.test(name)),
    hasSchedulerState: names.some((name) => schedulerPattern.test(name)),
    framework: { name: "PyTorch" },
    imports: [...metadata.imports, ...(await importsOfObjects(metadata, folder))],
  };
}

/** Epoch, step and other single numbers at the top of the state, each from an object or a tensor of its own. */
async function readNumbers(pieces: readonly StoredPiece[], folder: CheckpointFolder): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const wanted = pieces
    .filter(({ length, isTransformed }) => length <= MAX_OBJECT_BYTES && !isTransformed)
    .filter(({ name }) => epochPattern.test(name) || stepPattern.test(name) || !name.includes("."))
    .toSorted(
      (a, b) => Number(stepPattern.test(b.name)) - Number(stepPattern.test(a.name)) || a.name.length - b.name.length,
    );
  for (const piece of wanted.slice(0, MAX_OBJECTS_READ)) {
    const number = await folder.open(piece.path, async (source) => {
      try {
        const { root, readScalar } = await readTorchObject(sliceSource(source, piece.offset, piece.length));
        const scalar = scalarOf(root);
        return scalar === undefined ? undefined : await readScalar(scalar);
      } catch (error) {
        if (error instanceof FormatError) {
          return undefined;
        }
        throw error;
      }
    });
    if (number !== undefined) {
      numbers.set(piece.name.slice(0, 80), number);
    }
  }
  return numbers;
}
