import { FormatError } from "../../base/errors.ts";
import { countElements } from "../formatReading.ts";
import { type ImportedName } from "../importedName.ts";
import { readInertPickle } from "../inertPickle.ts";
import { calledName, entriesOf, itemsOf, type PickleValue } from "../inertPickleValue.ts";
import { trustOf } from "../pickleTrust.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { dtypeOf, itemBytesOf, shapeOf } from "../torchTensor.ts";

/*
 * `.metadata` of torch.distributed.checkpoint is a pickle of
 *
 *   Metadata(state_dict_metadata  {name: TensorStorageMetadata(properties, size, chunks[ChunkStorageMetadata(offsets, sizes)])
 *                                       | BytesStorageMetadata()}
 *            storage_data         {MetadataIndex(fqn, offset, index): _StorageInfo(relative_path, offset, length)}
 *            planner_data, storage_meta, version)
 *
 * Each piece in a file is an object of torch.save of its own.
 * https://github.com/pytorch/pytorch/blob/main/torch/distributed/checkpoint/metadata.py
 */

/** Where a tensor's chunk or an object lies. */
export type StoredPiece = { name: string; path: string; offset: number; length: number; isTransformed: boolean };

export type DistributedMetadata = {
  tensors: readonly TensorEntry[];
  pieces: readonly StoredPiece[];
  /** How many pieces each tensor was saved in, objects in one. */
  chunkCounts: ReadonlyMap<string, number>;
  /** A tensor whose chunks do not make up its shape. */
  incomplete: string | undefined;
  imports: readonly ImportedName[];
};

const FORMAT = "PyTorch distributed";
/** One chunk per tensor and GPU: a model with 10,000 tensors on 512 GPUs. */
const MAX_PIECES = 6_000_000;
const METADATA_CLASS = /^torch\.distributed\.checkpoint\.metadata\./;

/** Describes the pickle of `.metadata`; nothing of it is imported. Throws FormatError where it is something else. */
export function parseDistributedMetadata(bytes: Uint8Array): DistributedMetadata {
  const pickle = readInertPickle(bytes);
  if (pickle.outcome.kind !== "complete" || pickle.endOffset !== bytes.length) {
    const reason =
      pickle.outcome.kind === "malformed" ? pickle.outcome.reason : "it does not end where its pickle does";
    throw new FormatError(FORMAT, pickle.endOffset, reason);
  }
  const state = entriesOf(pickle.root);
  const described = entriesOf(state?.get("state_dict_metadata"));
  const stored = entriesOf(state?.get("storage_data"));
  if (!METADATA_CLASS.test(calledName(pickle.root) ?? "") || described === undefined || stored === undefined) {
    throw new FormatError(FORMAT, 0, "it holds no metadata of a distributed checkpoint");
  }
  const tensors: TensorEntry[] = [];
  const chunkCounts = new Map<string, number>();
  let incomplete: string | undefined;
  for (const [name, value] of described) {
    const tensor = typeof name === "string" ? tensorOf(name, value) : undefined;
    if (tensor !== undefined) {
      tensors.push(tensor.entry);
      incomplete ??= tensor.isCovered ? undefined : tensor.entry.name;
    }
    if (typeof name === "string") {
      chunkCounts.set(name, tensor?.chunkCount ?? 1);
    }
  }
  return { tensors, pieces: piecesOf(stored), chunkCounts, incomplete, imports: pickle.globals.map(trustOf) };
}

type DescribedTensor = { entry: TensorEntry; chunkCount: number; isCovered: boolean };

function tensorOf(name: string, value: PickleValue): DescribedTensor | undefined {
  const state = entriesOf(value);
  const shape = shapeOf(state?.get("size"));
  if (!calledName(value)?.endsWith(".TensorStorageMetadata") || shape === undefined) {
    return undefined;
  }
  const [dtypeValue] = propertiesOf(state?.get("properties"));
  const dtype = dtypeOf(dtypeValue) ?? "unknown";
  const itemBytes = itemBytesOf(dtype);
  const elements = countElements(shape);
  const chunks = itemsOf(state?.get("chunks")) ?? [];
  const covered = chunks.reduce<number>(
    (sum, chunk) => sum + countElements(shapeOf(entriesOf(chunk)?.get("sizes")) ?? [0]),
    0,
  );
  return {
    entry: { name, dtype, shape, ...(itemBytes !== undefined && { sizeBytes: elements * itemBytes }), isShared: false },
    chunkCount: chunks.length,
    // Padded shards may overlap; less than the tensor is what cannot be.
    isCovered: covered >= elements,
  };
}

/** TensorProperties pickles itself as a tuple that begins with the dtype; older versions as its attributes. */
function propertiesOf(value: PickleValue | undefined): readonly (PickleValue | undefined)[] {
  const isCall = typeof value === "object" && value !== null && "kind" in value && value.kind === "call";
  return (isCall ? itemsOf(value.state) : undefined) ?? [entriesOf(value)?.get("dtype")];
}

function piecesOf(stored: ReadonlyMap<PickleValue, PickleValue>): StoredPiece[] {
  if (stored.size > MAX_PIECES) {
    throw new FormatError(FORMAT, 0, `it lists more than ${MAX_PIECES} pieces`);
  }
  const pieces: StoredPiece[] = [];
  for (const [index, info] of stored) {
    const name = entriesOf(index)?.get("fqn");
    const place = entriesOf(info);
    const [path, offset, length] = [place?.get("relative_path"), place?.get("offset"), place?.get("length")];
    if (
      typeof name !== "string" ||
      typeof path !== "string" ||
      typeof offset !== "number" ||
      typeof length !== "number"
    ) {
      throw new FormatError(FORMAT, 0, "a piece is listed without its place");
    }
    const transforms = itemsOf(place?.get("transform_descriptors"));
    pieces.push({ name, path, offset, length, isTransformed: (transforms?.length ?? 0) > 0 });
  }
  return pieces;
}
