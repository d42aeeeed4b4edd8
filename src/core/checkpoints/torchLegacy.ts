import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { type PickleReading, readInertPickle } from "./inertPickle.ts";
import { itemsOf } from "./inertPickleValue.ts";
import { trustOf } from "./pickleTrust.ts";
import { collectWrittenContents } from "./torchContents.ts";
import { type TorchStorage, torchStorageOf } from "./torchTensor.ts";
import type { NamedTensor } from "./torchTensorWalk.ts";

/*
 * torch.save before 1.6, and still with _use_new_zipfile_serialization=False: five pickles and the storages.
 *
 *   magic number 0x1950a86a20f9469cfc6c   protocol number 1001   dictionary about the system
 *   the object                            list of storage keys
 *   for each key in that order: number of elements (8 bytes), then the raw bytes, up to the end of the file
 */

const FORMAT = "PyTorch legacy";
const MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
const FIRST_LOOK_BYTES = 64 * 1024;

type LegacyReading = {
  format: "torch-legacy";
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly NamedTensor[];
};

export function isTorchLegacy(head: Uint8Array): boolean {
  return MAGIC.every((byte, index) => head[index] === byte);
}

export async function readTorchLegacy(source: ByteSource): Promise<LegacyReading> {
  const pickles = await readPickles(source);
  const object = pickles[3];
  const completeness = judge(pickles, source.sizeBytes);
  const imports = pickles.flatMap((pickle) => pickle.globals).map(trustOf);
  if (object?.root === undefined) {
    return { format: "torch-legacy", completeness, contents: { ...emptyContents, imports }, tensors: [] };
  }
  // The place of a number kept in a storage depends on all the storages before it.
  return { format: "torch-legacy", completeness, ...collectWrittenContents(object.root, imports) };
}

async function readPickles(source: ByteSource): Promise<PickleReading[]> {
  for (let length = FIRST_LOOK_BYTES; ; length *= 4) {
    const available = Math.min(length, source.sizeBytes, MAX_PICKLE_BYTES);
    const bytes = await readExactly(source, { offset: 0, length: available }, FORMAT);
    const pickles: PickleReading[] = [];
    for (let offset = 0; pickles.length < 5 && (pickles.at(-1)?.outcome.kind ?? "complete") === "complete"; ) {
      const pickle = readInertPickle(bytes.subarray(offset));
      offset += pickle.endOffset;
      pickles.push({ ...pickle, endOffset: offset });
    }
    if (pickles.at(-1)?.outcome.kind !== "truncated" || available < length) {
      return pickles;
    }
  }
}

function judge(pickles: readonly PickleReading[], sizeBytes: number): Completeness {
  const last = pickles.at(-1);
  const [, , , object, keys] = pickles;
  if (last?.outcome.kind === "malformed") {
    return unknown(last.outcome.reason);
  }
  if (object === undefined || keys === undefined || keys.outcome.kind === "truncated") {
    return torn("it ends before its storages");
  }
  const storages = new Map<string, TorchStorage>();
  for (const { id } of object.persistents) {
    const storage = torchStorageOf(id);
    if (storage !== undefined) {
      storages.set(storage.key, storage);
    }
  }
  let end = keys.endOffset;
  for (const key of itemsOf(keys.root) ?? []) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) {
      return unknown("it lists a storage that its object does not use");
    }
    end += 8 + storage.sizeBytes;
  }
  if (sizeBytes < end) {
    return torn(`${sizeBytes} of ${end} bytes are there`);
  }
  return sizeBytes > end
    ? unknown(`${sizeBytes - end} bytes follow its last storage`)
    : whole("its storages end with the file");
}
