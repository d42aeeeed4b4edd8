import { EndOfBytesError } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { parseTolerantJson } from "./tolerantJson.ts";
import { readZipDirectory, readZipEntry, type ZipDirectory } from "./zipArchive.ts";

/*
 * A .keras file is a zip of metadata.json {keras_version, date_saved}, config.json and model.weights.h5 (or .npz).
 */

const MAX_METADATA_BYTES = 64 * 1024;

type KerasReading = { format: "keras"; completeness: Completeness; contents: CheckpointContents };

/** Judges a Keras file by its zip directory and reads the version that wrote it. */
export async function readKerasZip(source: ByteSource): Promise<KerasReading> {
  try {
    const directory = await readZipDirectory(source);
    const version = await readVersion(source, directory);
    const contents = {
      ...emptyContents,
      framework: { name: "Keras", ...(version !== undefined && { version }) },
    };
    return { format: "keras", completeness: judge(directory), contents };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const isShort = error instanceof EndOfBytesError;
    const completeness = isShort ? torn("the directory at its end is missing") : unknown(error.message);
    return { format: "keras", completeness, contents: emptyContents };
  }
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
  const hasWeights = names.has("model.weights.h5") || names.has("model.weights.npz");
  return hasWeights && names.has("config.json")
    ? whole("its directory lists model and weights")
    : unknown("it lacks config.json or the weights");
}
