import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { bytesFollow } from "./bytesFollow.ts";
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
import { itemBytesOf, type TorchStorage, torchStorageOf } from "./torchTensor.ts";
import { findFalseTensor, type NamedTensor } from "./torchTensorWalk.ts";

/*
 * torch.save before 1.6, and still with _use_new_zipfile_serialization=False: five pickles and the storages.
 *
 *   magic number 0x1950a86a20f9469cfc6c   protocol number 1001   dictionary about the system
 *   the object                            list of storage keys
 *   for each key in that order: number of elements (8 bytes), then the raw bytes, up to the end of the file
 */

const FORMAT = "PyTorch legacy";
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
const FIRST_LOOK_BYTES = 64 * 1024;
const SIZE_BYTES = 8;
/** Each costs a read. */
const MAX_COMPARED = 2_000;

type LegacyReading = {
  format: "torch-legacy";
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly NamedTensor[];
};

/** Whether the first block of a file begins with the magic number, in whichever protocol it was pickled. */
export function isTorchLegacy(block: Uint8Array): boolean {
  return readInertPickle(block).root === MAGIC;
}

export async function readTorchLegacy(source: ByteSource): Promise<LegacyReading> {
  const pickles = await readPickles(source);
  const object = pickles[3];
  const judged = judge(pickles, source.sizeBytes);
  const fault = judged.state === "whole" ? await findFalseSize(source, pickles) : undefined;
  const imports = pickles.flatMap((pickle) => pickle.globals).map(trustOf);
  if (object?.root === undefined) {
    return { format: "torch-legacy", completeness: judged, contents: { ...emptyContents, imports }, tensors: [] };
  }
  // The place of a number kept in a storage depends on all the storages before it.
  const reading = collectWrittenContents(object.root, imports);
  const isWhole = judged.state === "whole" && fault === undefined;
  const misplaced = isWhole ? (findFalseView(object) ?? findFalseTensor(reading.tensors)) : undefined;
  const completeness = fault === undefined ? (misplaced ?? judged) : unknown(fault);
  return { format: "torch-legacy", completeness, ...reading };
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
  const [, protocol, , object, keys] = pickles;
  if (last?.outcome.kind === "malformed") {
    return unknown(last.outcome.reason);
  }
  if (object === undefined || keys === undefined || keys.outcome.kind === "truncated") {
    return torn("it ends before its storages");
  }
  if (protocol?.root !== PROTOCOL) {
    return unknown(`its protocol is not ${PROTOCOL}, the only one there is`);
  }
  const storages = placesOf(object, keys);
  if (typeof storages === "string") {
    return unknown(storages);
  }
  const end = storages.reduce((at, { sizeBytes: bytes }) => at + SIZE_BYTES + bytes, keys.endOffset);
  if (sizeBytes < end) {
    return torn(`${sizeBytes} of ${end} bytes are there`);
  }
  return sizeBytes > end
    ? unknown(bytesFollow(sizeBytes - end, "its last storage"))
    : whole("its storages end with the file");
}

/** The storages in the order of the file, or in words why that is not known. */
function placesOf(object: PickleReading, keys: PickleReading): TorchStorage[] | string {
  const storages = new Map<string, TorchStorage>();
  for (const { id } of object.persistents) {
    const storage = torchStorageOf(id);
    // A class that was saved with its source text stands in a tuple of its own.
    if (storage === undefined && itemsOf(id)?.[0] !== "module") {
      return "it refers to a storage in a way that is not known";
    }
    if (storage !== undefined) {
      storages.set(storage.key, storage);
    }
  }
  const places: TorchStorage[] = [];
  for (const key of itemsOf(keys.root) ?? []) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) {
      return "it lists a storage that its object does not use";
    }
    storages.delete(storage.key);
    places.push(storage);
  }
  return storages.size === 0 ? places : "its object uses a storage that it does not list";
}

/** A storage may be a part of the one that is written, `(key, first number, how many)`. */
function findFalseView({ persistents }: PickleReading): Completeness | undefined {
  for (const { id } of persistents) {
    const [, , key, , count, view] = itemsOf(id) ?? [];
    const [, first, length] = itemsOf(view) ?? [];
    if (typeof count === "number" && typeof first === "number" && typeof length === "number") {
      if (first < 0 || length < 0 || first + length > count) {
        return torn(
          `a view goes past the end of storage ${typeof key === "string" ? key.slice(0, 40) : "without a key"}`,
        );
      }
    }
  }
  return undefined;
}

/** Each storage repeats how many numbers it has; the first that says something else, in words. */
async function findFalseSize(
  source: ByteSource,
  [, , , object, keys]: readonly PickleReading[],
): Promise<string | undefined> {
  const places = object === undefined || keys === undefined ? [] : placesOf(object, keys);
  let at = keys?.endOffset ?? 0;
  for (const { key, dtype, sizeBytes } of typeof places === "string" ? [] : places.slice(0, MAX_COMPARED)) {
    const bytes = await readExactly(source, { offset: at, length: SIZE_BYTES }, FORMAT);
    const count = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
    if (count !== BigInt(Math.round(sizeBytes / (itemBytesOf(dtype) ?? 1)))) {
      return `storage ${key.slice(0, 40)} says that it has ${count} numbers, its object says otherwise`;
    }
    at += SIZE_BYTES + sizeBytes;
  }
  return undefined;
}
