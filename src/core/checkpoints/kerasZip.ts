import { EndOfBytesError, readExactly } from "../base/byteReader.ts";
import { type ByteSource, sliceSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { inflateRaw } from "../base/inflate.ts";
import { type Completeness, emptyContents, torn, unknown, whole } from "./checkpointSummary.ts";
import { type FormatReading, unread } from "./formatReading.ts";
import { isHdf5, readHdf5 } from "./hdf5/hdf5.ts";
import type { ImportedName } from "./importedName.ts";
import { kerasImports, UNREAD_CONFIG } from "./kerasConfig.ts";
import { parseTolerantJson } from "./tolerantJson.ts";
import { locateZipEntry, readZipDirectory, readZipEntry, type ZipDirectory } from "./zipArchive.ts";
import { findDamagedEntry } from "./zipChecksums.ts";
import type { ZipEntry } from "./zipEntries.ts";

/*
 * A .keras file is a zip of metadata.json {keras_version, date_saved}, config.json and model.weights.h5 (or .npz).
 */

const MAX_METADATA_BYTES = 64 * 1024;
/** Several times the description of the largest models. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

const MAX_CONFIGS = 4;
const CONFIG_NAME = "config.json";
const WEIGHTS_NAME = "model.weights.h5";

/** Judges a Keras file by its zip directory, and lists the weights in it. Throws only what the source throws. */
export async function readKerasZip(source: ByteSource): Promise<FormatReading> {
  try {
    const directory = await readZipDirectory(source);
    const version = await readVersion(source, directory);
    const weights = await readWeights(source, directory);
    const changed = await findDamagedEntry(source, directory.entries);
    const judged = changed === undefined ? judge(directory) : unknown(changed);
    const damage = weights === undefined || weights.completeness.state === "whole" ? undefined : weights.completeness;
    return {
      format: "keras",
      completeness:
        judged.state === "whole" && damage !== undefined
          ? { ...damage, reason: `${WEIGHTS_NAME}: ${damage.reason}` }
          : judged,
      contents: {
        ...(weights?.contents ?? emptyContents),
        imports: await readImports(source, directory),
        framework: { name: "Keras", ...(version !== undefined && { version }) },
      },
      tensors: weights?.tensors ?? [],
    };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const isShort = error instanceof EndOfBytesError;
    return unread("keras", isShort ? torn("the directory at its end is missing") : unknown(error.message));
  }
}

/** The file of weights lies in the zip as it is, so that it can be read in its place. */
async function readWeights(source: ByteSource, directory: ZipDirectory): Promise<FormatReading | undefined> {
  const entry = directory.entries.find(({ name }) => name === WEIGHTS_NAME);
  if (entry === undefined || entry.method !== 0 || entry.isEncrypted || directory.problems.length > 0) {
    return undefined;
  }
  const bytes = sliceSource(source, await locateZipEntry(source, entry), entry.sizeBytes);
  return isHdf5(await bytes.read(0, Math.min(8, bytes.sizeBytes)))
    ? readHdf5(bytes)
    : unread("hdf5", unknown("it is no file of HDF5"));
}

/** What loading would run or import beyond Keras itself; of two descriptions, either may be the one that is loaded. */
async function readImports(source: ByteSource, directory: ZipDirectory): Promise<ImportedName[]> {
  const imports: ImportedName[] = [];
  for (const entry of directory.entries.filter(({ name }) => name === CONFIG_NAME).slice(0, MAX_CONFIGS)) {
    try {
      imports.push(...kerasImports(new TextDecoder().decode(await readConfig(source, entry))));
    } catch (error) {
      if (!(error instanceof FormatError)) {
        throw error;
      }
      imports.push(UNREAD_CONFIG);
    }
  }
  return imports;
}

/** Keras writes it as it is, and reads it compressed too. */
async function readConfig(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.method !== 8 || entry.isEncrypted) {
    return readZipEntry(source, entry, MAX_CONFIG_BYTES);
  }
  const length = Math.min(entry.storedBytes, MAX_CONFIG_BYTES);
  const offset = await locateZipEntry(source, entry);
  const { bytes, isComplete } = inflateRaw(await readExactly(source, { offset, length }, "zip"), MAX_CONFIG_BYTES);
  if (!isComplete) {
    throw new FormatError("zip", entry.headerOffset, `${CONFIG_NAME} is larger than ${MAX_CONFIG_BYTES} bytes`);
  }
  return bytes;
}

async function readVersion(source: ByteSource, directory: ZipDirectory): Promise<string | undefined> {
  const entry = directory.entries.find(({ name }) => name === "metadata.json");
  if (entry === undefined || entry.method !== 0) {
    return undefined;
  }
  const text = new TextDecoder().decode(await readZipEntry(source, entry, MAX_METADATA_BYTES));
  const metadata = parseTolerantJson(text, "Keras");
  const version = metadata instanceof Map ? metadata.get("keras_version") : undefined;
  return typeof version === "string" ? version.slice(0, 40) : undefined;
}

function judge({ entries, problems }: ZipDirectory): Completeness {
  const names = new Set(entries.map(({ name }) => name));
  const [problem] = problems;
  if (problem !== undefined) {
    return unknown(problem);
  }
  const hasWeights = names.has(WEIGHTS_NAME) || names.has("model.weights.npz");
  return hasWeights && names.has(CONFIG_NAME)
    ? whole("its directory lists model and weights")
    : unknown("it lacks config.json or the weights");
}
