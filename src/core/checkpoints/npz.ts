import { EndOfBytesError, readExactly } from "../base/byteReader.ts";
import { type ByteSource, byteSourceOf, sliceSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { inflateRaw } from "../base/inflate.ts";
import { type Completeness, emptyContents, torn, unknown, whole } from "./checkpointSummary.ts";
import { countElements, countTensors, type FormatReading, reasonOf, unread } from "./formatReading.ts";
import type { ImportedName } from "./importedName.ts";
import { limitsFor, pickleLimits } from "./inertPickleMachine.ts";
import { isMetricName } from "./metricNames.ts";
import { isNpy, type NpyReading, npyTensor, readNpyArray } from "./npy.ts";
import type { TensorEntry } from "./tensorEntry.ts";
import { decodeScalar } from "./torchScalar.ts";
import { locateZipEntry, readZipDirectory } from "./zipArchive.ts";
import { findDamagedEntry } from "./zipChecksums.ts";
import type { ZipEntry } from "./zipEntries.ts";

/*
 * numpy.savez writes a zip with one .npy file per array, stored; numpy.savez_compressed deflates each of them.
 * The directory at the end is written last.
 */

/** Every array costs two reads for its header. */
const MAX_ARRAYS = 20_000;
/** Of a compressed array the header is unpacked, and small ones whole, as long as all together stay small. */
const HEADER_BYTES = 4 * 1024;
const SMALL_BYTES = 256 * 1024;
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;
/** Enough to unpack a small array from, even where it does not become smaller. */
const MAX_COMPRESSED_BYTES = 320 * 1024;
/** Enough to unpack a header from. */
const COMPRESSED_HEADER_BYTES = 8 * 1024;
const epochName = /^(epochs?|cur_epoch|current_epoch)$/i;
const stepName = /^(global_?step|steps?|iterations?|iter|num_updates)$/i;

type Arrays = {
  tensors: TensorEntry[];
  numbers: Map<string, number>;
  imports: Map<string, ImportedName>;
  problem?: Completeness | undefined;
  /** How much may still be unpacked whole. */
  unpackBytes: number;
};

/** Reads the headers of all arrays of a .npz file. Throws only what the source throws. */
export async function readNpz(source: ByteSource): Promise<FormatReading> {
  try {
    const { entries, problems } = await readZipDirectory(source);
    const [problem] = problems;
    const members = await findArrays(source, entries);
    if (problem !== undefined || members.length > MAX_ARRAYS) {
      return unread("npz", unknown(problem ?? `it holds more than ${MAX_ARRAYS} arrays`));
    }
    const arrays = await readArrays(source, members);
    const none = members.length === 0 ? unknown("it holds no arrays") : undefined;
    const damage = await findDamagedEntry(source, entries);
    const completeness =
      arrays.problem ?? none ?? (damage === undefined ? whole(describeCount(members.length)) : unknown(damage));
    return { format: "npz", completeness, contents: contentsOf(arrays), tensors: arrays.tensors };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const isShort = error instanceof EndOfBytesError;
    return unread("npz", isShort ? torn("the directory at its end is missing") : unknown(reasonOf(error)));
  }
}

/** numpy takes for an array whatever begins as one, also under another name. */
async function findArrays(source: ByteSource, entries: readonly ZipEntry[]): Promise<ZipEntry[]> {
  const arrays: ZipEntry[] = [];
  for (const entry of entries) {
    if (entry.name.endsWith(".npy") || (arrays.length <= MAX_ARRAYS && (await beginsAsArray(source, entry)))) {
      arrays.push(entry);
    }
  }
  return arrays;
}

async function beginsAsArray(source: ByteSource, entry: ZipEntry): Promise<boolean> {
  try {
    const { bytes } = await openMember(source, entry, { unpackBytes: 0 });
    return isNpy(await bytes.read(0, 8));
  } catch (error) {
    if (error instanceof FormatError) {
      return false;
    }
    throw error;
  }
}

async function readArrays(source: ByteSource, members: readonly ZipEntry[]): Promise<Arrays> {
  const arrays: Arrays = { tensors: [], numbers: new Map(), imports: new Map(), unpackBytes: MAX_UNPACKED_BYTES };
  for (const entry of members) {
    const name = entry.name.replace(/\.npy$/, "");
    try {
      const member = await openMember(source, entry, arrays);
      const reading = await readNpyArray(
        member.bytes,
        entry.method === 0 ? pickleLimits : limitsFor(entry.storedBytes),
      );
      arrays.tensors.push(npyTensor(name, reading.header));
      reading.imports.forEach((each) => arrays.imports.set(each.name, each));
      arrays.problem ??= judgeArray(name, entry, { reading, isCut: member.isCut });
      const number = await readNumber(member.bytes, reading);
      if (number !== undefined) {
        arrays.numbers.set(name, number);
      }
    } catch (error) {
      if (!(error instanceof FormatError)) {
        throw error;
      }
      arrays.problem ??= unknown(`${name.slice(0, 60)}: ${reasonOf(error)}`);
    }
  }
  return arrays;
}

/** The bytes of an array; of a compressed one as many as its header can take. */
async function openMember(
  source: ByteSource,
  entry: ZipEntry,
  budget: { unpackBytes: number },
): Promise<{ bytes: ByteSource; isCut: boolean }> {
  const offset = await locateZipEntry(source, entry);
  if (entry.method === 0 && !entry.isEncrypted) {
    return { bytes: sliceSource(source, offset, entry.storedBytes), isCut: false };
  }
  if (entry.method !== 8 || entry.isEncrypted) {
    throw new FormatError("zip", entry.headerOffset, "it is compressed in a way that is not read, or encrypted");
  }
  const isSmall = entry.sizeBytes <= Math.min(SMALL_BYTES, budget.unpackBytes);
  const length = Math.min(entry.storedBytes, isSmall ? MAX_COMPRESSED_BYTES : COMPRESSED_HEADER_BYTES);
  const compressed = await readExactly(source, { offset, length }, "zip");
  budget.unpackBytes -= isSmall ? entry.sizeBytes : 0;
  const inflated = inflateRaw(compressed, isSmall ? entry.sizeBytes + 1 : HEADER_BYTES);
  return { bytes: byteSourceOf(inflated.bytes), isCut: !inflated.isComplete };
}

function judgeArray(
  name: string,
  entry: ZipEntry,
  { reading, isCut }: { reading: NpyReading; isCut: boolean },
): Completeness | undefined {
  const { header, completeness } = reading;
  const label = name.slice(0, 60);
  if (header.dtype.hasObjects && isCut) {
    return unknown(`${label}: its objects are not unpacked, since they are large`);
  }
  if (header.dtype.hasObjects) {
    return completeness.state === "whole" ? undefined : { ...completeness, reason: `${label}: ${completeness.reason}` };
  }
  const expected = header.dataOffset + countElements(header.shape) * header.dtype.itemBytes;
  if (entry.sizeBytes !== expected || (!isCut && completeness.state !== "whole")) {
    const reason = `${label} has ${entry.sizeBytes} of ${expected} bytes`;
    return entry.sizeBytes < expected ? torn(reason) : unknown(reason);
  }
  return undefined;
}

async function readNumber(bytes: ByteSource, { header }: NpyReading): Promise<number | undefined> {
  if (header.dtype.hasObjects || countElements(header.shape) !== 1) {
    return undefined;
  }
  return decodeScalar(header.dtype.text, await bytes.read(header.dataOffset, header.dtype.itemBytes));
}

function contentsOf({ tensors, numbers, imports }: Arrays): FormatReading["contents"] {
  const find = (pattern: RegExp) => [...numbers].find(([name]) => pattern.test(name))?.[1];
  const epoch = find(epochName);
  const step = find(stepName);
  const metrics = [...numbers].filter(([name]) => isMetricName(name)).slice(0, 40);
  return {
    ...emptyContents,
    ...countTensors(tensors),
    ...(epoch !== undefined && { epoch }),
    ...(step !== undefined && { step }),
    metrics: Object.fromEntries(metrics),
    hasOptimizerState: tensors.some(({ name }) => /optim|opt_state|adam|momentum/i.test(name)),
    framework: { name: "NumPy" },
    imports: [...imports.values()],
  };
}

function describeCount(count: number): string {
  return count === 1 ? "its one array is complete" : `all ${count} arrays are complete`;
}
