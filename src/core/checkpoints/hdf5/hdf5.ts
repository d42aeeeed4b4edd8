import type { ByteSource } from "../../base/byteSource.ts";
import { FormatError } from "../../base/errors.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "../checkpointSummary.ts";
import { countElements, countTensors, type FormatReading, reasonOf } from "../formatReading.ts";
import { kerasImports } from "../kerasConfig.ts";
import type { PlainValue } from "../plainValue.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { readAttributes } from "./attributes.ts";
import { readDataspace, readDatatype } from "./datatype.ts";
import { readGroupLinks } from "./groupLinks.ts";
import { Hdf5Source } from "./hdf5Source.ts";
import { readIterations } from "./iterations.ts";
import { type HeaderMessage, readObjectHeader } from "./objectHeader.ts";

/*
 * The superblock says where the file ends and where its outermost group is described:
 *
 *   0  89 48 44 46 0d 0a 1a 0a
 *   8  version
 *      0 and 1: size of offsets at 13, base address at 24 (version 1: 28), end of file 16 bytes after it, and another
 *               24 bytes on the address of the group
 *      2 and 3: size of offsets at 9, consistency flags at 11, base address at 12, end of file at 28, group at 36
 *
 * https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html
 */

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK_BYTES = 64;
/** With the entry of the outermost group that older versions have in it. */
const MAX_SUPERBLOCK_BYTES = 104;
const OPEN_FOR_WRITING = 1;
const DATASPACE = 0x01;
const DATATYPE = 0x03;
const MAX_OBJECTS = 200_000;
/** Groups may list the same objects again, each of which is entered once. */
const MAX_LINKS = 500_000;
const MAX_PATH = 4_000;
const optimizerPattern = /^(optimizer|optimizer_weights)(\/|$)/;

type Listing = {
  tensors: TensorEntry[];
  attributes: ReadonlyMap<string, PlainValue>;
  /** As the optimizer of Keras counts them. */
  iterations?: number | undefined;
  problem?: string | undefined;
};

export function isHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => head[index] === byte);
}

/** Lists the data sets of a file and compares its length with the end that it states. Throws only what the source throws. */
export async function readHdf5(source: ByteSource): Promise<FormatReading> {
  const bytes = await source.read(0, Math.min(MAX_SUPERBLOCK_BYTES, source.sizeBytes));
  const superblock = parseSuperblock(bytes);
  if (typeof superblock === "string") {
    const completeness = bytes.length < SUPERBLOCK_BYTES ? torn("it ends inside its superblock") : unknown(superblock);
    return { format: "hdf5", completeness, contents: emptyContents, tensors: [] };
  }
  const listing = await list(new Hdf5Source(source, superblock.base), superblock.root);
  const judged = judge(superblock, source.sizeBytes);
  return {
    format: "hdf5",
    completeness: judged.state === "whole" && listing.problem !== undefined ? unknown(listing.problem) : judged,
    contents: contentsOf(listing),
    tensors: listing.tensors,
  };
}

type Superblock = { base: number; end: number; root: number; isOpen: boolean };

/** Where things are, or in words why that is not known. */
function parseSuperblock(bytes: Uint8Array): Superblock | string {
  const version = bytes[8] ?? 0;
  const offsetBytes = bytes[version < 2 ? 13 : 9];
  if (bytes.length < SUPERBLOCK_BYTES || version > 3 || offsetBytes !== 8) {
    return "its superblock is of a kind that is not known";
  }
  const baseAt = version < 2 ? 24 + 4 * version : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rootAt = version < 2 ? 64 + 4 * version : 36;
  const numberAt = (at: number) => (at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : 0);
  const base = numberAt(baseAt);
  return {
    base,
    end: base + numberAt(baseAt + 16),
    root: numberAt(rootAt),
    isOpen: version >= 2 && ((bytes[11] ?? 0) & OPEN_FOR_WRITING) !== 0,
  };
}

function judge({ end, isOpen }: Superblock, sizeBytes: number): Completeness {
  if (sizeBytes < end) {
    return torn(`${sizeBytes} of ${end} bytes are there`);
  }
  return isOpen
    ? unknown("a program has it open for writing, or was stopped while it had")
    : whole("its length is what its superblock says");
}

/** Every data set below the outermost group; what cannot be followed ends the listing with a problem. */
async function list(source: Hdf5Source, root: number): Promise<Listing> {
  const listing: Listing = { tensors: [], attributes: new Map() };
  const entered = new Set<number>();
  let linkCount = 0;
  const pending = [{ path: "", address: root }];
  try {
    for (let next = pending.pop(); next !== undefined && entered.size < MAX_OBJECTS; next = pending.pop()) {
      const { path, address } = next;
      if (entered.has(address) || path.length > MAX_PATH) {
        continue;
      }
      entered.add(address);
      const messages = await readObjectHeader(source, address);
      const links = await readGroupLinks(source, messages);
      linkCount += links?.length ?? 0;
      if (linkCount > MAX_LINKS) {
        throw new FormatError("HDF5", address, "it lists more than any real model");
      }
      const tensor = links === undefined ? tensorOf(path, messages) : undefined;
      if (tensor !== undefined) {
        listing.tensors.push(tensor);
        // Of an optimizer around another one the counter stays zero.
        const iterations = await readIterations(source, tensor, messages);
        listing.iterations = Math.max(iterations ?? 0, listing.iterations ?? 0) || undefined;
      }
      if (path === "") {
        listing.attributes = await readAttributes(source, messages);
      }
      // The last pushed is visited first, so that data sets come in the order of their names.
      for (const link of (links ?? []).toSorted((a, b) => (a.name < b.name ? 1 : -1))) {
        pending.push({ path: path === "" ? link.name : `${path}/${link.name}`, address: link.address });
      }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    listing.problem = `its groups cannot be followed: ${reasonOf(error)}`;
  }
  return listing;
}

function tensorOf(name: string, messages: readonly HeaderMessage[]): TensorEntry | undefined {
  const space = messages.find(({ kind }) => kind === DATASPACE);
  const type = messages.find(({ kind }) => kind === DATATYPE);
  if (space === undefined || type === undefined) {
    return undefined;
  }
  const shape = readDataspace(space.content) ?? [0];
  const { text, itemBytes } = readDatatype(type.content);
  return { name, dtype: text, shape, sizeBytes: countElements(shape) * itemBytes, isShared: false };
}

function contentsOf({ tensors, attributes, iterations }: Listing): CheckpointContents {
  const model = tensors.filter(({ name }) => !optimizerPattern.test(name));
  const version = attributes.get("keras_version");
  const [epoch, step = iterations] = ["epoch", "step"].map((name) => attributes.get(name));
  const settings = [...attributes].filter(([name]) => !["keras_version", "epoch", "step"].includes(name));
  return {
    ...emptyContents,
    ...countTensors(model),
    ...(typeof epoch === "number" && { epoch }),
    ...(typeof step === "number" && { step }),
    ...(settings.length > 0 && {
      hyperParameters: Object.fromEntries(settings.map(([name, value]) => [name, cut(value)])),
    }),
    hasOptimizerState: model.length < tensors.length,
    imports: [attributes.get("model_config"), attributes.get("training_config")].flatMap((config) =>
      typeof config === "string" ? kerasImports(config) : [],
    ),
    ...(typeof version === "string" && { framework: { name: "Keras", version: version.slice(0, 40) } }),
  };
}

function cut(value: PlainValue): PlainValue {
  return typeof value === "string" && value.length > 300 ? `${value.slice(0, 300)}…` : value;
}
