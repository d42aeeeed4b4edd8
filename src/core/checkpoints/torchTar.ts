import { ByteReader, EndOfBytesError, readExactly } from "../base/byteReader.ts";
import { type ByteSource, sliceSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "./checkpointSummary.ts";
import { countElements, reasonOf } from "./formatReading.ts";
import type { ImportedName } from "./importedName.ts";
import { type PickleReading, readInertPickle } from "./inertPickle.ts";
import { pickleLimits } from "./inertPickleMachine.ts";
import { isNode, itemsOf, type PickleGlobal, type PickleNode, type PickleValue } from "./inertPickleValue.ts";
import { trustOf } from "./pickleTrust.ts";
import { isTarHeader, readTarMembers, type TarMember, type TarMembers } from "./tarMembers.ts";
import { collectWrittenContents } from "./torchContents.ts";
import { spanOf, torchStorageOf } from "./torchTensor.ts";
import type { NamedTensor } from "./torchTensorWalk.ts";

/*
 * torch.save before 0.1.10 wrote a tar, which torch.load still reads:
 *
 *   sys_info   a dictionary about the system
 *   pickle     the object; its tensors are persistent ids, numbers that `tensors` explains
 *   tensors    a pickled count; for each a pickled (id, id of the storage, class), then
 *              dimensions (i32), 4 bytes, sizes and strides (i64 each), offset (i64), all little-endian
 *   storages   a pickled count; for each a pickled (id, location, class), number of elements (i64), the raw bytes;
 *              last a pickled list of views, (id, id of the storage it lies in, offset, number of elements)
 *
 * https://github.com/pytorch/pytorch/blob/main/torch/serialization.py (legacy_load)
 */

type TarReading = {
  format: "torch-tar";
  completeness: Completeness;
  contents: CheckpointContents;
  tensors: readonly NamedTensor[];
};

/** What loading would import, by name: the pickles of the storages and tensors are loaded like that of the object. */
type Globals = Map<string, PickleGlobal>;

/** Where a storage or a view of one begins in what `node` stands for, and how many numbers it has. */
type Storage = { node: PickleNode; first: number; elements: number };

const FORMAT = "PyTorch tar";
/** What torch.save puts into a tar, of which one comes first. */
const MEMBERS = ["sys_info", "pickle", "tensors", "storages"];
const MAX_PICKLE_BYTES = 64 * 1024 * 1024;
/** Each costs a read; the largest models of that time had a few hundred. */
const MAX_STORAGES = 20_000;
const MAX_TENSORS = 200_000;
/** A pickled triple of two ids and a class. */
const ENTRY_BYTES = 1_024;
const MAX_DIMENSIONS = 64;

/** Whether the first block of a file, or what is there of it, may begin a tar of torch. */
export function mayBeTorchTar(block: Uint8Array): boolean {
  const text = String.fromCharCode(...block.subarray(0, 16));
  return MEMBERS.some((name) => text.startsWith(`${name}\0`)) || isTarHeader(block);
}

/**
 * Reads what torch.save wrote before 0.1.10, whole or not; undefined where it is some other tar. Throws only what the
 * source throws.
 */
export async function readTorchTar(source: ByteSource): Promise<TarReading | undefined> {
  const tar = await readTarMembers(source);
  const start = String.fromCharCode(...(await source.read(0, Math.min(source.sizeBytes, 16))));
  if (
    !tar.names.has("pickle") &&
    !MEMBERS.some((name) => name === tar.members[0]?.name || start.startsWith(`${name}\0`))
  ) {
    return undefined;
  }
  const seen: Globals = new Map();
  return tar.unclear === undefined
    ? readParts(source, tar, seen)
    : unread(await collectGlobals(source, tar.members, seen), unknown(tar.unclear));
}

/**
 * The storages explain the tensors, and those what the object names; but loading runs the object whatever becomes of the
 * others, so each of them is read as far as it goes.
 */
async function readParts(source: ByteSource, { members, problem }: TarMembers, seen: Globals): Promise<TarReading> {
  const [object, tensors, storages] = ["pickle", "tensors", "storages"].map((name) =>
    members.find((member) => member.name === name),
  );
  const held = storages && (await attempt(() => readStoragesOf(source, storages, seen)));
  const known = tensors && (await attempt(() => readTensorsOf(source, tensors, held?.value?.storages, seen)));
  const pickle = object && (await attempt(() => readObject(source, object, known?.value?.tensors ?? new Map())));
  const fault = held?.fault ?? known?.fault ?? pickle?.fault;
  const judged =
    pickle?.value === undefined || known === undefined || held?.value === undefined
      ? unknown("a tar without what torch.save puts in one")
      : judge(pickle.value, held.value, known.value);
  const completeness = problem === undefined ? (fault ?? judged) : torn(problem);
  return pickle?.value === undefined ? unread(seen, completeness) : describe(pickle.value, seen, completeness);
}

/** What loading any of them would import, whichever of the parts it is taken for. */
async function collectGlobals(source: ByteSource, members: readonly TarMember[], seen: Globals): Promise<Globals> {
  let left = MAX_PICKLE_BYTES;
  for (const member of members) {
    left -= member.sizeBytes;
    if (left >= 0) {
      await attempt(async () => addGlobals(await readObject(source, member, new Map()), seen));
      await attempt(() => readTensorsOf(source, member, undefined, seen));
    }
    await attempt(() => readStoragesOf(source, member, seen));
  }
  return seen;
}

type Attempt<Value> = { value?: Value; fault?: Completeness };

/** A part that is damaged is a fault of the file and keeps none of the others from being read. */
async function attempt<Value>(read: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    const reason = reasonOf(error);
    return { fault: error instanceof EndOfBytesError ? torn(reason) : unknown(reason) };
  }
}

function readStoragesOf(source: ByteSource, { offset, sizeBytes }: TarMember, seen: Globals): Promise<Storages> {
  return readStorages(sliceSource(source, offset, sizeBytes), seen);
}

async function readTensorsOf(
  source: ByteSource,
  member: TarMember,
  storages: Storages["storages"] | undefined,
  seen: Globals,
): Promise<Tensors> {
  return readTensors(await bytesOfMember(source, member), storages, seen);
}

async function readObject(
  source: ByteSource,
  object: TarMember,
  known: ReadonlyMap<string, PickleNode>,
): Promise<PickleReading> {
  const bytes = await bytesOfMember(source, object);
  return readInertPickle(bytes, pickleLimits, { onPersistent: (id) => resolve(id, known) });
}

/** A tensor by its id; a module that was saved with its source text stands before that in a tuple. */
function resolve(id: PickleValue, known: ReadonlyMap<string, PickleNode>): PickleNode | undefined {
  const first = itemsOf(id)?.[0];
  return isNode(first) ? first : known.get(idText(isNode(id) ? first : id));
}

/** Ids are numbers or texts of digits; anything else is none, and found nowhere. */
function idText(id: PickleValue | undefined): string {
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint" ? String(id) : "";
}

async function bytesOfMember(source: ByteSource, { offset, sizeBytes }: TarMember): Promise<Uint8Array> {
  if (sizeBytes > MAX_PICKLE_BYTES) {
    throw new FormatError(FORMAT, offset, `a description is larger than ${MAX_PICKLE_BYTES} bytes`);
  }
  return readExactly(source, { offset, length: sizeBytes }, FORMAT);
}

type Storages = { storages: ReadonlyMap<string, Storage>; problem: Completeness | undefined };

async function readStorages(source: ByteSource, seen: Globals): Promise<Storages> {
  const storages = new Map<string, Storage>();
  const first = await readEntry(source, 0, seen);
  const count = countOf(first.root, MAX_STORAGES);
  let at = first.endOffset;
  for (let index = 0; index < count; index++) {
    const entry = await readEntry(source, at, seen);
    const [id, location, storageClass] = itemsOf(entry.root) ?? [];
    const sizeAt = at + entry.endOffset;
    const elements = new ByteReader(await readExactly(source, { offset: sizeAt, length: 8 }, FORMAT), FORMAT).u64();
    const node = storageNode([id, location, storageClass], elements);
    const held = node.kind === "persistent" ? torchStorageOf(node.id) : undefined;
    if (held === undefined) {
      throw new FormatError(FORMAT, at, "a storage is of a class that is not known");
    }
    at = sizeAt + 8 + held.sizeBytes;
    if (at > source.sizeBytes) {
      throw new EndOfBytesError(FORMAT, source.sizeBytes, "its storages end early");
    }
    storages.set(held.key, { node, first: 0, elements });
  }
  const views = await readViews(source, at, seen);
  let problem = at + views.endOffset === source.sizeBytes ? undefined : unknown("something follows its storages");
  for (const view of itemsOf(views.root) ?? []) {
    problem = addView(storages, itemsOf(view) ?? []) ?? problem;
  }
  return { storages, problem };
}

async function readViews(source: ByteSource, at: number, seen: Globals): Promise<PickleReading> {
  const length = Math.min(source.sizeBytes - at, MAX_PICKLE_BYTES);
  return requireComplete(readInertPickle(await readExactly(source, { offset: at, length }, FORMAT)), at, seen);
}

/** A view of a storage is a storage too; its tensors lie in what the one below it holds. Gives what is wrong with it. */
function addView(
  storages: Map<string, Storage>,
  [id, below, offset, count]: readonly PickleValue[],
): Completeness | undefined {
  const known = storages.get(idText(below));
  if (known === undefined || isNode(id) || !isCount(offset) || !isCount(count)) {
    return unknown("it has a view of a storage that is not there");
  }
  storages.set(idText(id), { node: known.node, first: known.first + offset, elements: count });
  return offset + count > known.elements ? torn("a view goes past the end of its storage") : undefined;
}

type Tensors = { tensors: ReadonlyMap<string, PickleNode>; problem: Completeness | undefined };

async function readTensors(
  bytes: Uint8Array,
  storages: ReadonlyMap<string, Storage> | undefined,
  seen: Globals,
): Promise<Tensors> {
  const tensors = new Map<string, PickleNode>();
  let problem: Completeness | undefined;
  const first = requireComplete(readInertPickle(bytes), 0, seen);
  let at = first.endOffset;
  for (let left = countOf(first.root, MAX_TENSORS); left > 0; left--) {
    const entry = requireComplete(readInertPickle(bytes.subarray(at)), at, seen);
    const [id, storageId, tensorClass] = itemsOf(entry.root) ?? [];
    const reader = new ByteReader(bytes.subarray(at + entry.endOffset), FORMAT, at + entry.endOffset);
    const dimensions = reader.u32();
    if (dimensions > MAX_DIMENSIONS) {
      throw reader.error(`a tensor has more than ${MAX_DIMENSIONS} dimensions`, 0);
    }
    reader.skip(4);
    const sizes = Array.from({ length: dimensions }, () => reader.u64());
    const strides = Array.from({ length: dimensions }, () => reader.u64());
    const offset = reader.u64();
    const storage =
      storages === undefined ? assumedStorage(storageId, tensorClass, sizes) : storages.get(idText(storageId));
    if (storage === undefined) {
      throw new FormatError(FORMAT, at, "a tensor lies in a storage that is not there");
    }
    const end = offset + spanOf(sizes, strides);
    if (storages !== undefined && end > storage.elements) {
      problem ??= torn(`tensor ${idText(id).slice(0, 40)} goes past the end of its storage`);
    }
    tensors.set(idText(id), tensorNode(storage.node, storage.first + offset, sizes, strides));
    at += entry.endOffset + reader.position;
  }
  return { tensors, problem };
}

/** Where the storages cannot be read, what a tensor tells of its own. */
function assumedStorage(
  id: PickleValue | undefined,
  tensorClass: PickleValue | undefined,
  sizes: readonly number[],
): Storage {
  const elements = countElements(sizes);
  return { node: storageNode([id, null, storageClassOf(tensorClass)], elements), first: 0, elements };
}

/** As later versions name one: `("storage", class, key, location, elements)`. */
function storageNode([id, location, storageClass]: readonly (PickleValue | undefined)[], elements: number): PickleNode {
  const items = ["storage", storageClass ?? null, idText(id), location ?? null, elements];
  return { kind: "persistent", id: { kind: "tuple", items } };
}

const rebuild: PickleGlobal = {
  kind: "global",
  module: "torch._utils",
  name: "_rebuild_tensor",
  fullName: "torch._utils._rebuild_tensor",
};

function tensorNode(storage: PickleNode, offset: number, sizes: number[], strides: number[]): PickleNode {
  const shape = [sizes, strides].map((items): PickleNode => ({ kind: "tuple", items }));
  return { kind: "call", callable: rebuild, args: [storage, offset, ...shape] };
}

/** `torch.FloatTensor` keeps its numbers in a `torch.FloatStorage`. */
function storageClassOf(tensorClass: PickleValue | undefined): PickleValue {
  if (!isNode(tensorClass) || tensorClass.kind !== "global") {
    return null;
  }
  const name = tensorClass.name.replace(/Tensor$/, "Storage");
  return { ...tensorClass, name, fullName: `${tensorClass.module}.${name}` };
}

async function readEntry(source: ByteSource, at: number, seen: Globals): Promise<PickleReading> {
  const rest = Math.max(0, Math.min(source.sizeBytes - at, MAX_PICKLE_BYTES));
  const length = Math.min(rest, ENTRY_BYTES);
  const pickle = readInertPickle(await readExactly(source, { offset: at, length }, FORMAT));
  if (pickle.outcome.kind === "truncated" && length < rest) {
    // Loading runs all of it, however long it is.
    addGlobals(readInertPickle(await readExactly(source, { offset: at, length: rest }, FORMAT)), seen);
    throw new FormatError(FORMAT, at, `a description of a storage is longer than ${ENTRY_BYTES} bytes`);
  }
  return requireComplete(pickle, at, seen);
}

function requireComplete(pickle: PickleReading, at: number, seen: Globals): PickleReading {
  addGlobals(pickle, seen);
  if (pickle.outcome.kind === "truncated") {
    throw new EndOfBytesError(FORMAT, at, "a description in it ends early");
  }
  if (pickle.outcome.kind === "malformed") {
    throw new FormatError(FORMAT, at, pickle.outcome.reason);
  }
  return pickle;
}

function addGlobals({ globals }: PickleReading, seen: Globals): void {
  for (const global of globals) {
    seen.set(global.fullName, global);
  }
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function countOf(value: PickleValue | undefined, most: number): number {
  if (!isCount(value) || value > most) {
    throw new FormatError(FORMAT, 0, `it counts its parts in a way that no real file does`);
  }
  return value;
}

function judge(pickle: PickleReading, { storages, problem }: Storages, tensors: Tensors | undefined): Completeness {
  if (pickle.outcome.kind !== "complete") {
    return pickle.outcome.kind === "truncated" ? torn("its object ends early") : unknown(pickle.outcome.reason);
  }
  const fault = problem ?? tensors?.problem;
  if (fault !== undefined) {
    return fault;
  }
  return whole(storages.size === 1 ? "its one storage is complete" : `all ${storages.size} storages are complete`);
}

function describe(pickle: PickleReading, seen: Globals, completeness: Completeness): TarReading {
  addGlobals(pickle, seen);
  if (pickle.root === undefined) {
    return unread(seen, completeness);
  }
  // No numbers of that time are kept in storages.
  return { format: "torch-tar", completeness, ...collectWrittenContents(pickle.root, importsOf(seen)) };
}

function unread(seen: Globals, completeness: Completeness): TarReading {
  return { format: "torch-tar", completeness, contents: { ...emptyContents, imports: importsOf(seen) }, tensors: [] };
}

function importsOf(seen: Globals): ImportedName[] {
  return [...seen.values()].map(trustOf);
}
