import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import {
  type CheckpointContents,
  type CheckpointFormat,
  type CheckpointSummary,
  type Completeness,
  emptyContents,
  torn,
  unknown,
} from "./checkpointSummary.ts";
import type { FormatReading } from "./formatReading.ts";
import { isGguf, readGguf } from "./gguf.ts";
import { isHdf5, readHdf5 } from "./hdf5/hdf5.ts";
import type { ImportedName } from "./importedName.ts";
import { readKerasZip } from "./kerasZip.ts";
import { addNamedFacts } from "./namedFacts.ts";
import { isNpy, readNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { importsAsPickle, isPickle, readPickleFile } from "./pickleFile.ts";
import { isSafetensors, readSafetensors } from "./safetensors.ts";
import { BLOCK_BYTES } from "./tarMembers.ts";
import { safetensorsEntries, type TensorEntry, torchEntries } from "./tensorEntry.ts";
import { isTorchLegacy, readTorchLegacy } from "./torchLegacy.ts";
import { mayBeTorchTar, readTorchTar } from "./torchTar.ts";
import type { NamedTensor } from "./torchTensorWalk.ts";
import { readTorchZip } from "./torchZip.ts";
import { isZip } from "./zipArchive.ts";

type Reading = {
  format: CheckpointFormat;
  completeness: Completeness;
  contents: CheckpointContents;
  /** Made on demand: a folder of a thousand checkpoints needs none of them. */
  listTensors?: () => TensorEntry[];
};

/** A checkpoint with every tensor that its file names, in file order. */
export type CheckpointDetails = { summary: CheckpointSummary; tensors: readonly TensorEntry[] };

/**
 * What one file holds and whether it is whole, told by its bytes and not by its name; the name only adds epoch and
 * step where the bytes do not say. Any bytes give a summary: throws only what the source throws.
 */
export async function readCheckpointFile(source: ByteSource, name: string): Promise<CheckpointSummary> {
  const reading = await readByContent(source, name);
  return summarise(reading, { name, sizeBytes: source.sizeBytes });
}

/** The same with its tensors; none where the format does not list them or the list is lost. */
export async function readCheckpointDetails(source: ByteSource, name: string): Promise<CheckpointDetails> {
  const reading = await readByContent(source, name);
  return {
    summary: summarise(reading, { name, sizeBytes: source.sizeBytes }),
    tensors: reading.listTensors?.() ?? [],
  };
}

function summarise(reading: Reading, file: { name: string; sizeBytes: number }): CheckpointSummary {
  return {
    ...addNamedFacts(reading.contents, file.name),
    name: file.name,
    kind: "file",
    format: reading.format,
    completeness: reading.completeness,
    sizeBytes: file.sizeBytes,
  };
}

async function readByContent(source: ByteSource, name: string): Promise<Reading> {
  if (source.sizeBytes === 0) {
    return { format: "unknown", completeness: torn("it is empty"), contents: emptyContents };
  }
  try {
    const reading = await readByHead(source, await source.read(0, Math.min(BLOCK_BYTES, source.sizeBytes)), name);
    return mayBeUnpickled(reading.format, name) ? addImports(reading, await importsAsPickle(source)) : reading;
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return { format: "unknown", completeness: unknown(error.message), contents: emptyContents };
  }
}

/** Files that torch.load unpickles although they are something else to those who know their format. */
function mayBeUnpickled(format: CheckpointFormat, name: string): boolean {
  return (
    (format === "unknown" || format === "safetensors" || format === "gguf") && !/\.(safetensors|gguf)$/i.test(name)
  );
}

function addImports(reading: Reading, imports: readonly ImportedName[]): Reading {
  return imports.length === 0 ? reading : { ...reading, contents: { ...reading.contents, imports } };
}

async function readByHead(source: ByteSource, block: Uint8Array, name: string): Promise<Reading> {
  const head = block.subarray(0, HEAD_BYTES);
  if (isZip(head)) {
    if (name.endsWith(".npz")) {
      return listing(await readNpz(source));
    }
    return name.endsWith(".keras") ? listing(await readKerasZip(source)) : withTorchTensors(await readTorchZip(source));
  }
  if (name.endsWith(".safetensors") || isSafetensors(head)) {
    const { tensors, ...reading } = await readSafetensors(source);
    return { format: "safetensors", ...reading, listTensors: () => safetensorsEntries(tensors) };
  }
  if (isGguf(head)) {
    return listing(await readGguf(source));
  }
  if (isHdf5(head)) {
    return listing(await readHdf5(source));
  }
  // Before the pickles: torch.load takes a file for a tar wherever it can.
  const tar = mayBeTorchTar(block) ? await readTorchTar(source) : undefined;
  if (tar !== undefined) {
    return withTorchTensors(tar);
  }
  if (isTorchLegacy(block)) {
    return withTorchTensors(await readTorchLegacy(source));
  }
  if (isNpy(head)) {
    return listing(await readNpy(source, name));
  }
  if (isPickle(head, name)) {
    return listing(await readPickleFile(source, name));
  }
  // A write that was interrupted before its first block reached the disk leaves zeros, or less than a signature.
  return { format: "unknown", completeness: judgeHead(head, source.sizeBytes), contents: emptyContents };
}

/** The most that a signature takes, with what tells it from text. */
const HEAD_BYTES = 16;
/** Formats whose first letters look like text. */
const TEXT_SIGNATURES = ["PK", "GGUF"];

/** An interrupted write leaves zeros where no block reached the disk, or less than a signature; words are neither. */
function judgeHead(head: Uint8Array, sizeBytes: number): Completeness {
  if (head.every((byte) => byte === 0)) {
    return torn("it has no content yet");
  }
  const text = String.fromCharCode(...head);
  const isText = /^[\t\n\r\x20-\x7e]*$/.test(text) && !TEXT_SIGNATURES.some((signature) => signature.startsWith(text));
  return sizeBytes < HEAD_BYTES && !isText
    ? torn(`it ends after ${sizeBytes} ${sizeBytes === 1 ? "byte" : "bytes"}`)
    : unknown("its format is not one that can be judged");
}

function listing({ tensors, ...reading }: FormatReading): Reading {
  return { ...reading, listTensors: () => [...tensors] };
}

function withTorchTensors({ tensors, ...reading }: Reading & { tensors: readonly NamedTensor[] }): Reading {
  return { ...reading, listTensors: () => torchEntries(tensors) };
}
