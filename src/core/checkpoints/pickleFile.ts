import { EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { inflateRaw } from "../base/inflate.ts";
import { collectArrays } from "./arrayWalk.ts";
import {
  type CheckpointContents,
  type CheckpointFramework,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { countTensors, type FormatReading, reasonOf, unread } from "./formatReading.ts";
import { type PickleReading, readInertPickle } from "./inertPickle.ts";
import { pickleLimits } from "./inertPickleMachine.ts";
import { calledName, entriesOf, globalName, isNode, type PickleValue } from "./inertPickleValue.ts";
import { skipJoblibArray } from "./joblibArray.ts";
import { numpyArrayOf } from "./numpyPickle.ts";
import { trustOf } from "./pickleTrust.ts";
import { type PlainValue, plainValueOf } from "./plainValue.ts";
import { collectTorchContents } from "./torchContents.ts";

/*
 * pickle.dump writes the object and ends with STOP; several may follow one another. joblib.dump writes the same with
 * arrays as raw bytes in between (joblibArray.ts), and with compress= a zlib, gzip, bz2, lzma, xz or lz4 stream of it.
 */

/** The pickle is read whole to find its end; estimators take some megabytes at most, data sets take more. */
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
/** Unpacking takes longer than reading, and a small file may unpack to a thousand times its size. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
/** A file that is appended to holds one pickle per save. */
const MAX_PICKLES = 1_000;
const MAX_SETTINGS = 60;
const picklePattern = /\.(pkl|pickle|joblib)$/i;

type Compression = { name: string; signature: readonly number[]; headerBytes?: (bytes: Uint8Array) => number };

/** What the first bytes of the compressors of joblib look like; only DEFLATE is unpacked. */
const compressions: readonly Compression[] = [
  { name: "gzip", signature: [0x1f, 0x8b], headerBytes: gzipHeaderBytes },
  { name: "zlib", signature: [0x78], headerBytes: () => 2 },
  { name: "bz2", signature: [0x42, 0x5a, 0x68] },
  { name: "xz", signature: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: "lzma", signature: [0x5d, 0x00] },
  { name: "lz4", signature: [0x04, 0x22, 0x4d, 0x18] },
];

/** Whether bytes are to be read as a pickle: they begin as one, or their name says so. */
export function isPickle(head: Uint8Array, name: string): boolean {
  const [first = 0, second = 0] = head;
  return (
    (first === 0x80 && second >= 2 && second <= 5) || (picklePattern.test(name) && head.some((byte) => byte !== 0))
  );
}

/** Describes a pickle or joblib file; nothing of it is imported or called. Throws only what the source throws. */
export async function readPickleFile(source: ByteSource, name: string): Promise<FormatReading> {
  const isNamedJoblib = /\.joblib$/i.test(name);
  const length = Math.min(source.sizeBytes, MAX_PICKLE_BYTES);
  try {
    const bytes = await readExactly(source, { offset: 0, length }, "pickle");
    const compression = compressions.find(({ signature }) => signature.every((byte, index) => bytes[index] === byte));
    if (compression === undefined) {
      return describe(readPickles(bytes), { isJoblib: isNamedJoblib, isCut: length < source.sizeBytes });
    }
    return readCompressed(bytes, compression);
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const completeness = error instanceof EndOfBytesError ? torn(reasonOf(error)) : unknown(reasonOf(error));
    return unread(isNamedJoblib ? "joblib" : "pickle", completeness);
  }
}

function readCompressed(bytes: Uint8Array, { name, headerBytes }: Compression): FormatReading {
  if (headerBytes === undefined) {
    return unread("joblib", unknown(`it is compressed with ${name}, which is not unpacked`));
  }
  const inflated = inflateRaw(bytes.subarray(headerBytes(bytes)), MAX_UNPACKED_BYTES);
  // A checksum of four bytes follows the stream, in gzip the length as well.
  const trailer = name === "gzip" ? 8 : 4;
  if (inflated.isComplete && bytes.length < headerBytes(bytes) + inflated.consumedBytes + trailer) {
    throw new EndOfBytesError("joblib", bytes.length, "the checksum after its compressed bytes is missing");
  }
  return describe(readPickles(inflated.bytes), { isJoblib: true, isCut: !inflated.isComplete });
}

/** One pickle after another, until the bytes end or one of them does not. */
function readPickles(bytes: Uint8Array): PickleReading[] {
  const pickles: PickleReading[] = [];
  for (let offset = 0; offset < bytes.length && pickles.length < MAX_PICKLES; ) {
    const pickle = readInertPickle(bytes.subarray(offset), pickleLimits, { onBuild: skipJoblibArray });
    pickles.push(pickle);
    offset += pickle.endOffset;
    if (pickle.outcome.kind !== "complete") {
      break;
    }
  }
  return pickles;
}

function describe(
  pickles: readonly PickleReading[],
  { isJoblib, isCut }: { isJoblib: boolean; isCut: boolean },
): FormatReading {
  const imports = new Map(pickles.flatMap(({ globals }) => globals.map(trustOf)).map((each) => [each.name, each]));
  const hasWrappers = imports.has("joblib.numpy_pickle.NumpyArrayWrapper");
  const root = pickles[0]?.root ?? null;
  const tensors = collectArrays(root);
  return {
    format: isJoblib || hasWrappers ? "joblib" : "pickle",
    completeness: judge(pickles, isCut),
    contents: { ...contentsOf(root, tensors), imports: [...imports.values()] },
    tensors,
  };
}

function judge(pickles: readonly PickleReading[], isCut: boolean): Completeness {
  const last = pickles.at(-1);
  if (last?.outcome.kind === "malformed") {
    return unknown(pickles.length > 1 ? "something that is no pickle follows its end" : last.outcome.reason);
  }
  if (isCut) {
    return unknown("it is too large to be read whole, so its end was not seen");
  }
  if (last === undefined || last.outcome.kind === "truncated") {
    return torn("its pickle ends early");
  }
  return whole(pickles.length === 1 ? "its pickle ends with the file" : `all ${pickles.length} pickles are complete`);
}

function contentsOf(root: PickleValue, arrays: FormatReading["tensors"]): CheckpointContents {
  const { tensors, epoch, step, metrics, hyperParameters, ...facts } = collectTorchContents(root);
  const model = findEstimator(root);
  const settings = model === undefined ? hyperParameters : settingsOf(model);
  return {
    ...emptyContents,
    ...(typeof epoch === "number" && { epoch }),
    ...(typeof step === "number" && { step }),
    metrics: Object.fromEntries(metrics.filter((metric): metric is [string, number] => typeof metric[1] === "number")),
    ...(settings !== undefined && { hyperParameters: settings }),
    hasOptimizerState: facts.hasOptimizerState,
    hasSchedulerState: facts.hasSchedulerState,
    ...(tensors.length > 0 && arrays.length === 0
      ? { tensorCount: facts.tensorCount, parameterCount: facts.parameterCount, dtypes: facts.dtypes }
      : countTensors(arrays)),
    framework: frameworkOf(model),
  };
}

/** The object that is the model: the root, or in a dictionary the first value that has attributes of its own. */
function findEstimator(root: PickleValue): PickleValue | undefined {
  const candidates = isNode(root) && root.kind === "dict" ? [...root.entries.values()] : [root];
  return candidates.slice(0, 100).find((value) => {
    const name = classOf(value);
    return (
      name !== undefined && !/^(collections|numpy|joblib|torch|argparse|builtins)\./.test(name) && entriesOf(value)
    );
  });
}

/** Protocols 0 and 1 make an object by a call of `copyreg._reconstructor`, whose first argument is the class. */
function classOf(value: PickleValue | undefined): string | undefined {
  const name = calledName(value);
  const isReconstructed = name === "copy_reg._reconstructor" || name === "copyreg._reconstructor";
  return isReconstructed && isNode(value) && value.kind === "call" ? globalName(value.args[0]) : name;
}

/** Class, parameters and what was learned of the data's form; fitted arrays are tensors, not settings. */
function settingsOf(model: PickleValue): Readonly<Record<string, PlainValue>> {
  const settings: [string, PlainValue][] = [["class", classOf(model)?.slice(0, 200) ?? ""]];
  for (const [key, value] of entriesOf(model) ?? []) {
    const isFitted = typeof key === "string" && key.endsWith("_") && !/^(n_\w+_|classes_)$/.test(key);
    if (settings.length < MAX_SETTINGS && typeof key === "string" && !isFitted && !/^_|^__/.test(key)) {
      settings.push([key.slice(0, 80), settingOf(value)]);
    }
  }
  return Object.fromEntries(settings);
}

/** An estimator inside another is told by its class, an array by its form. */
function settingOf(value: PickleValue): PlainValue {
  const array = numpyArrayOf(value);
  if (array !== undefined) {
    return `array ${array.dtype.text} [${array.shape.slice(0, 8).join(", ")}]`;
  }
  return classOf(value)?.slice(0, 200) ?? plainValueOf(value);
}

function frameworkOf(model: PickleValue | undefined): CheckpointFramework {
  const [library = ""] = classOf(model)?.split(".", 1) ?? [];
  const version = model === undefined ? undefined : entriesOf(model)?.get("_sklearn_version");
  if (library === "sklearn") {
    return { name: "scikit-learn", ...(typeof version === "string" && { version: version.slice(0, 40) }) };
  }
  return { name: library === "" ? "Python" : library.slice(0, 40) };
}

/** RFC 1952: ten bytes, then what the flags announce. */
function gzipHeaderBytes(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) {
    at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) !== 0) {
      const end = bytes.indexOf(0, at);
      at = end < 0 ? bytes.length : end + 1;
    }
  }
  return (flags & 2) === 0 ? at : at + 2;
}
