import { EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
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
import { unpackPickle } from "./compressedPickle.ts";
import { countTensors, type FormatReading, reasonOf, unread } from "./formatReading.ts";
import type { ImportedName } from "./importedName.ts";
import { type PickleReading, readInertPickle } from "./inertPickle.ts";
import { limitsFor, type PickleLimits, type PickleListeners, pickleLimits } from "./inertPickleMachine.ts";
import { classOf, entriesOf, isNode, type PickleGlobal, type PickleValue } from "./inertPickleValue.ts";
import { ARRAY_WRAPPER, skipJoblibArray } from "./joblibArray.ts";
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
const FIRST_LOOK_BYTES = 4 * 1024;
/** Of a file that is most likely none. */
const MAX_LOOKED_AT_BYTES = 16 * 1024 * 1024;
/** A file that is appended to holds one pickle per save. */
const MAX_PICKLES = 1_000;
const MAX_SETTINGS = 60;
const picklePattern = /\.(pkl|pickle|joblib)$/i;

/** Whether bytes are to be read as a pickle: they begin as one, or their name says so. */
export function isPickle(head: Uint8Array, name: string): boolean {
  const [first = 0, second = 0] = head;
  return (
    (first === 0x80 && second >= 2 && second <= 5) || (picklePattern.test(name) && head.some((byte) => byte !== 0))
  );
}

/**
 * What unpickling a file would import that nothing says is a pickle: protocols 0 and 1 begin with any of forty letters, and
 * torch.load unpickles whatever is no zip and no tar.
 */
export async function importsAsPickle(source: ByteSource): Promise<ImportedName[]> {
  for (let length = FIRST_LOOK_BYTES; ; length *= 16) {
    const available = Math.min(length, source.sizeBytes, MAX_LOOKED_AT_BYTES);
    const pickle = readInertPickle(await source.read(0, available));
    if (pickle.outcome.kind !== "truncated" || available < length) {
      return pickle.globals.filter(isImportable).map(trustOf);
    }
  }
}

/** Describes a pickle or joblib file; nothing of it is imported or called. Throws only what the source throws. */
export async function readPickleFile(source: ByteSource, name: string): Promise<FormatReading> {
  const isNamedJoblib = /\.joblib$/i.test(name);
  const length = Math.min(source.sizeBytes, MAX_PICKLE_BYTES);
  try {
    const bytes = await readExactly(source, { offset: 0, length }, "pickle");
    const unpacked = unpackPickle(bytes);
    const isCut = length < source.sizeBytes || unpacked?.isComplete === false;
    const isJoblib = isNamedJoblib || unpacked !== undefined;
    const limits = unpacked === undefined ? pickleLimits : limitsFor(bytes.length);
    const all = unpacked?.bytes ?? bytes;
    const pickles = readPickles(all, limits);
    const isAllRead = pickles.length < MAX_PICKLES || endOf(pickles) === all.length;
    const reading = describe(pickles, { isJoblib, isCut: isCut || !isAllRead });
    const isWhole = reading.completeness.state === "whole";
    return unpacked?.damage !== undefined && isWhole ? { ...reading, completeness: unknown(unpacked.damage) } : reading;
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const completeness = error instanceof EndOfBytesError ? torn(reasonOf(error)) : unknown(reasonOf(error));
    return unread(isNamedJoblib ? "joblib" : "pickle", completeness);
  }
}

function endOf(pickles: readonly PickleReading[]): number {
  return pickles.reduce((end, { endOffset }) => end + endOffset, 0);
}

/** Every pickle of the bytes, as joblib reads them. What it skips as bytes of an array, pickle.load runs: that counts too. */
function readPickles(bytes: Uint8Array, limits: PickleLimits): PickleReading[] {
  const pickles = readEach(bytes, limits, skipJoblibArray);
  if (!pickles.some(({ globals }) => globals.some(({ fullName }) => fullName === ARRAY_WRAPPER))) {
    return pickles;
  }
  const others = readEach(bytes, limits, undefined).flatMap(({ globals }) => globals.filter(isImportable));
  return pickles.map((pickle) => ({ ...pickle, globals: [...pickle.globals, ...others] }));
}

/** Numbers of an array may spell an import by chance, but no name that there is. */
function isImportable({ fullName }: PickleGlobal): boolean {
  return /^[A-Za-z_][\w.]*$/.test(fullName);
}

/** One pickle after another, until the bytes end or one of them does not. */
function readEach(bytes: Uint8Array, limits: PickleLimits, onBuild: PickleListeners["onBuild"]): PickleReading[] {
  const pickles: PickleReading[] = [];
  let { opcodes } = limits;
  for (let offset = 0; offset < bytes.length && pickles.length < MAX_PICKLES; ) {
    const pickle = readInertPickle(bytes.subarray(offset), { ...limits, opcodes }, { onBuild });
    opcodes -= pickle.opcodeCount;
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
  const hasWrappers = imports.has(ARRAY_WRAPPER);
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
