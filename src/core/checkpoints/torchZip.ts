import { EndOfBytesError } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import {
  type CheckpointContents,
  type CheckpointFormat,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { reasonOf } from "./formatReading.ts";
import { type ImportedName } from "./importedName.ts";
import { type PickleReading, readInertPickle } from "./inertPickle.ts";
import type { PickleValue } from "./inertPickleValue.ts";
import { trustOf } from "./pickleTrust.ts";
import { collectTorchContents } from "./torchContents.ts";
import { decodeScalar, type Scalar, scalarBytes } from "./torchScalar.ts";
import { type TorchStorage, torchStorageOf } from "./torchTensor.ts";
import { findFalseTensor, type NamedTensor } from "./torchTensorWalk.ts";
import { entriesByName, findAmbiguity, isObject, lowerCase, prefixOf } from "./torchZipNames.ts";
import { readTorchZipRecords } from "./torchZipRecords.ts";
import {
  locateZipEntry,
  readLeadingZipEntry,
  readZipDirectory,
  readZipEntry,
  type ZipDirectory,
} from "./zipArchive.ts";
import { findDamagedEntry } from "./zipChecksums.ts";
import type { ZipEntry } from "./zipEntries.ts";

/*
 * torch.save since 1.6 writes a zip whose entries are all stored, below one folder named after the file:
 *
 *   name/data.pkl            the object; tensors are references to storages         (always first)
 *   name/.format_version  name/byteorder  name/.storage_alignment                  (newer versions)
 *   name/data/0, data/1, …   the raw bytes of each storage
 *   name/version             "3\n"
 *   name/.data/serialization_id
 *
 * TorchScript adds name/code/… and name/constants.pkl. Since data.pkl comes first and knows its own end, it can be
 * read from a file that is cut off or still growing.
 * https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
 */

export type TorchZipReading = {
  format: CheckpointFormat;
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly NamedTensor[];
};

/** An object as its pickle describes it, with a way to the numbers that lie in storages. */
export type TorchObject = {
  root: PickleValue;
  imports: readonly ImportedName[];
  readScalar: (scalar: Scalar) => Promise<number | undefined>;
};

/** Ten times the pickle of a model with 100,000 tensors. */
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
const FIRST_LOOK_BYTES = 64 * 1024;
/** Other objects than the one that is loaded, in an archive made to confuse. */
const MAX_OBJECTS = 8;
const MAX_OTHER_PICKLE_BYTES = 1024 * 1024;
/** Epoch, step and metrics that are saved as tensors cost a read each. */
const MAX_SCALAR_READS = 16;

/** Reads a PyTorch zip, whole or not. Throws only what the source throws. */
export async function readTorchZip(source: ByteSource): Promise<TorchZipReading> {
  let directory: ZipDirectory;
  try {
    directory = await readZipDirectory(source);
  } catch (error) {
    return readWithoutDirectory(source, formatError(error));
  }
  try {
    return await readWithDirectory(source, directory);
  } catch (error) {
    const cause = formatError(error);
    return unread(cause instanceof EndOfBytesError ? torn(reasonOf(cause)) : unknown(reasonOf(cause)));
  }
}

/** The pickled object of a PyTorch zip; what is described of it needs no more. Throws FormatError where it cannot be read. */
export async function readTorchObject(source: ByteSource): Promise<TorchObject> {
  const directory = await readZipDirectory(source);
  const pickleEntry = directory.entries.find(isObject);
  if (pickleEntry === undefined) {
    throw new FormatError("PyTorch", 0, "it has no data.pkl");
  }
  const pickle = readInertPickle(await readZipEntry(source, pickleEntry, MAX_PICKLE_BYTES));
  const readScalar = scalarReader(source, entriesByName(directory), prefixOf(pickleEntry));
  return { root: pickle.root ?? null, imports: pickle.globals.map(trustOf), readScalar };
}

async function readWithDirectory(source: ByteSource, directory: ZipDirectory): Promise<TorchZipReading> {
  const entries = entriesByName(directory);
  const [pickleEntry, ...others] = directory.entries.filter(isObject);
  if (pickleEntry === undefined) {
    return unread(unknown("a zip without a data.pkl, so not one that torch.save wrote"));
  }
  const prefix = prefixOf(pickleEntry);
  const format = entries.has(`${prefix}constants.pkl`) ? "torch-script" : "torch-zip";
  const pickle = readInertPickle(await readZipEntry(source, pickleEntry, MAX_PICKLE_BYTES));
  const records = await readTorchZipRecords(source, entries, prefix);
  const readScalar = records.isBigEndian ? refuseScalar : scalarReader(source, entries, prefix);
  const reading = await describe({
    format,
    completeness: judgePickle(pickle, { entries, prefix }),
    pickle,
    readScalar,
  });
  const problem =
    directory.problems[0] ??
    findAmbiguity(directory, entries, prefix) ??
    (await findDamagedEntry(source, directory.entries)) ??
    describeOutcome(pickle) ??
    records.problem;
  const fault = problem === undefined ? findFalseTensor(reading.tensors) : unknown(problem);
  return {
    ...reading,
    ...(fault !== undefined && { completeness: fault }),
    contents: await addImports(reading.contents, source, others),
  };
}

/** What any other object of the archive would import counts too: which one is loaded depends on who loads it. */
async function addImports(
  contents: CheckpointContents,
  source: ByteSource,
  objects: readonly ZipEntry[],
): Promise<CheckpointContents> {
  const imports = new Map(contents.imports.map((each) => [each.name, each]));
  for (const entry of objects.slice(0, MAX_OBJECTS)) {
    try {
      const { globals } = readInertPickle(await readZipEntry(source, entry, MAX_OTHER_PICKLE_BYTES));
      globals.map(trustOf).forEach((each) => imports.set(each.name, each));
    } catch (error) {
      formatError(error);
    }
  }
  return { ...contents, imports: [...imports.values()] };
}

async function readWithoutDirectory(source: ByteSource, cause: FormatError): Promise<TorchZipReading> {
  const completeness =
    cause instanceof EndOfBytesError ? torn("the directory at its end is missing") : unknown(reasonOf(cause));
  try {
    const { name, dataOffset } = await readLeadingZipEntry(source);
    if (!/data\.pkl$/i.test(name)) {
      return unread(completeness);
    }
    const pickle = await readGrowingPickle(source, dataOffset);
    return await describe({ format: "torch-zip", completeness, pickle, readScalar: refuseScalar });
  } catch (error) {
    formatError(error);
    return unread(completeness);
  }
}

/** A pickle of unknown length: reads more until it ends or the file does. */
async function readGrowingPickle(source: ByteSource, offset: number): Promise<PickleReading> {
  for (let length = FIRST_LOOK_BYTES; ; length *= 4) {
    const bytes = await source.read(offset, Math.max(0, Math.min(length, source.sizeBytes - offset, MAX_PICKLE_BYTES)));
    const pickle = readInertPickle(bytes);
    if (pickle.outcome.kind !== "truncated" || bytes.length < length) {
      return pickle;
    }
  }
}

type Described = Pick<TorchZipReading, "format" | "completeness"> & {
  pickle: PickleReading;
  readScalar: (scalar: Scalar) => Promise<number | undefined>;
};

async function describe({ format, completeness, pickle, readScalar }: Described): Promise<TorchZipReading> {
  const imports = pickle.globals.map(trustOf);
  if (pickle.root === undefined) {
    return { format, completeness, contents: { ...emptyContents, imports }, tensors: [] };
  }
  const { tensors, epoch, step, metrics, ...facts } = collectTorchContents(pickle.root);
  const epochNumber = epoch === undefined ? undefined : await readScalar(epoch);
  const stepNumber = step === undefined ? undefined : await readScalar(step);
  const metricNumbers: [string, number][] = [];
  for (const [name, scalar] of metrics) {
    const value = await readScalar(scalar);
    if (value !== undefined) {
      metricNumbers.push([name, value]);
    }
  }
  const contents: CheckpointContents = {
    ...facts,
    ...(epochNumber !== undefined && { epoch: epochNumber }),
    ...(stepNumber !== undefined && { step: stepNumber }),
    metrics: Object.fromEntries(metricNumbers),
    imports,
  };
  return { format, completeness, contents, tensors };
}

/** Reads numbers out of storages, a bounded number of times; one that cannot be read is left out. */
function scalarReader(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  prefix: string,
): (scalar: Scalar) => Promise<number | undefined> {
  let reads = 0;
  return async (scalar) => {
    if (typeof scalar === "number") {
      return scalar;
    }
    const entry = scalar.storage && entries.get(`${prefix}data/${lowerCase(scalar.storage.key)}`);
    const length = scalarBytes(scalar.dtype);
    const isInside = entry !== undefined && length !== undefined && scalar.offsetBytes + length <= entry.sizeBytes;
    if (!isInside || reads >= MAX_SCALAR_READS) {
      return undefined;
    }
    reads++;
    const offset = (await locateZipEntry(source, entry)) + scalar.offsetBytes;
    return decodeScalar(scalar.dtype, await source.read(offset, length));
  };
}

/** Where storages cannot be trusted to be there, only numbers in the pickle itself count. */
function refuseScalar(scalar: Scalar): Promise<number | undefined> {
  return Promise.resolve(typeof scalar === "number" ? scalar : undefined);
}

function judgePickle(
  pickle: PickleReading,
  { entries, prefix }: { entries: ReadonlyMap<string, ZipEntry>; prefix: string },
): Completeness {
  const storages = new Map<string, TorchStorage>();
  for (const { id } of pickle.persistents) {
    const storage = torchStorageOf(id);
    if (storage === undefined) {
      return unknown("it refers to a storage in a way that is not known");
    }
    storages.set(storage.key, storage);
  }
  const hasVersion = entries.has(`${prefix}version`) || entries.has(`${prefix}.data/version`);
  return findMissingStorage(storages, entries, prefix) ?? judgeVersion(hasVersion, storages);
}

function findMissingStorage(
  storages: ReadonlyMap<string, TorchStorage>,
  entries: ReadonlyMap<string, ZipEntry>,
  prefix: string,
): Completeness | undefined {
  for (const { key, sizeBytes } of storages.values()) {
    const entry = entries.get(`${prefix}data/${lowerCase(key)}`);
    if (entry === undefined) {
      return torn(`storage ${key.slice(0, 40)} is missing`);
    }
    if (entry.sizeBytes !== sizeBytes) {
      const reason = `storage ${key.slice(0, 40)} has ${entry.sizeBytes} of ${sizeBytes} bytes`;
      return entry.sizeBytes < sizeBytes ? torn(reason) : unknown(reason);
    }
  }
  return undefined;
}

function judgeVersion(hasVersion: boolean, storages: ReadonlyMap<string, TorchStorage>): Completeness {
  return hasVersion
    ? whole(storages.size === 1 ? "its one storage is complete" : `all ${storages.size} storages are complete`)
    : unknown("it has no version record, so torch did not finish it");
}

function describeOutcome({ outcome }: PickleReading): string | undefined {
  if (outcome.kind === "malformed") {
    return `its data.pkl cannot be read: ${outcome.reason}`;
  }
  return outcome.kind === "truncated" ? "its data.pkl ends early" : undefined;
}

function unread(completeness: Completeness): TorchZipReading {
  return { format: "torch-zip", completeness, contents: emptyContents, tensors: [] };
}

/** Anything but a FormatError is the source's failure or a bug, and travels on. */
function formatError(error: unknown): FormatError {
  if (error instanceof FormatError) {
    return error;
  }
  throw error;
}
