import type { ByteReader } from "../../base/byteReader.ts";
import { readSized } from "./hdf5Source.ts";

/*
 *   u8 class, version in the upper half   three bytes of flags   u32 bytes of an element   then what the class needs
 *
 * Written as numpy writes dtypes, since that is what h5py and Keras show.
 */

export type Hdf5Type = {
  text: string;
  itemBytes: number;
  kind: "integer" | "float" | "text" | "variable-text" | "other";
  isSigned: boolean;
  isBigEndian: boolean;
};

const MAX_DEPTH = 8;
const MAX_FIELDS = 1_000;

/** A datatype message, which may hold others: fields of a compound, the base of an enumeration. */
export function readDatatype(reader: ByteReader, depth = 0): Hdf5Type {
  const head = reader.u8();
  const [flags = 0, moreFlags = 0] = reader.bytes(3);
  const itemBytes = reader.u32();
  if (depth > MAX_DEPTH) {
    throw reader.error("a datatype is nested deeper than any real one");
  }
  const base = { itemBytes, isSigned: false, isBigEndian: (flags & 1) === 1, kind: "other" as const };
  const members = { count: flags + 256 * moreFlags, version: head >> 4, itemBytes };
  switch (head & 0x0f) {
    case 0:
      return readInteger(reader, { ...base, isSigned: (flags & 8) !== 0 });
    case 1:
      return readFloat(reader, base);
    case 3:
      return { ...base, text: `|S${itemBytes}`, kind: "text" };
    case 5:
      reader.skip(flags);
      return { ...base, text: `|V${itemBytes}` };
    case 6:
      return { ...base, text: readCompound(reader, { ...members, depth }) };
    case 7:
      return { ...base, text: "object" };
    case 8: {
      const { text } = readDatatype(reader, depth + 1);
      return { ...base, text: readIsBoolean(reader, members) ? "bool" : text };
    }
    case 9:
      readDatatype(reader, depth + 1);
      return { ...base, text: "object", kind: (flags & 0x0f) === 1 ? "variable-text" : "other" };
    case 10:
      return { ...base, ...readArray(reader, members.version, depth) };
    default:
      return { ...base, text: `class ${head & 0x0f}` };
  }
}

type Plain = Omit<Hdf5Type, "text" | "kind">;

function readInteger(reader: ByteReader, type: Plain): Hdf5Type {
  reader.skip(4);
  const { itemBytes, isSigned, isBigEndian } = type;
  const isSwapped = isBigEndian && itemBytes > 1;
  const text = isSwapped ? `>${isSigned ? "i" : "u"}${itemBytes}` : `${isSigned ? "int" : "uint"}${itemBytes * 8}`;
  return { ...type, text, kind: "integer" };
}

function readFloat(reader: ByteReader, type: Plain): Hdf5Type {
  reader.skip(5);
  const exponentBits = reader.u8();
  reader.skip(6);
  const { itemBytes, isBigEndian } = type;
  const name = exponentBits === 8 && itemBytes === 2 ? "bfloat16" : `float${itemBytes * 8}`;
  return { ...type, text: isBigEndian ? `>f${itemBytes}` : name, kind: "float" };
}

type Members = { count: number; version: number; itemBytes: number };

function readCompound(reader: ByteReader, { count, version, itemBytes, depth }: Members & { depth: number }): string {
  const fields: string[] = [];
  for (let index = 0; index < Math.min(count, MAX_FIELDS); index++) {
    const name = readName(reader, version < 3);
    if (version < 3) {
      reader.skip(4);
      reader.skip(version === 1 ? 28 : 0);
    } else {
      reader.skip(bytesFor(itemBytes));
    }
    const type = readDatatype(reader, depth + 1);
    fields.push(`('${name}', ${fieldText(type)})`);
  }
  return `[${fields.join(", ")}]`;
}

/** Inside a list of fields numpy writes the short form of a dtype. */
function fieldText({ text, kind, itemBytes, isSigned, isBigEndian }: Hdf5Type): string {
  if (text.startsWith("[") || kind === "other") {
    return text === "bool"
      ? "'?'"
      : text.startsWith("[") || text.startsWith("(")
        ? text
        : `'${text === "object" ? "O" : text}'`;
  }
  if (kind === "text") {
    return `'S${itemBytes}'`;
  }
  const order = itemBytes === 1 ? "" : isBigEndian ? ">" : "<";
  const letter = kind === "float" ? "f" : isSigned ? "i" : "u";
  return kind === "variable-text" ? "'O'" : `'${order}${letter}${itemBytes}'`;
}

/** h5py writes booleans as an enumeration of FALSE and TRUE. */
function readIsBoolean(reader: ByteReader, { count, version, itemBytes }: Members): boolean {
  const names: string[] = [];
  for (let index = 0; index < Math.min(count, MAX_FIELDS); index++) {
    names.push(readName(reader, version < 3));
  }
  reader.skip(names.length * itemBytes);
  return itemBytes === 1 && names.join(" ") === "FALSE TRUE";
}

function readArray(reader: ByteReader, version: number, depth: number): { text: string } {
  const dimensions = reader.u8();
  reader.skip(version < 3 ? 3 : 0);
  const lengths = Array.from({ length: dimensions }, () => reader.u32());
  reader.skip(version < 3 ? 4 * dimensions : 0);
  const base = readDatatype(reader, depth + 1);
  return { text: `(${fieldText(base)}, (${lengths.join(", ")}${lengths.length === 1 ? "," : ""}))` };
}

/** A name up to its zero; in older versions padded to a multiple of eight bytes. */
function readName(reader: ByteReader, isPadded: boolean): string {
  const bytes: number[] = [];
  for (let byte = reader.u8(); byte !== 0; byte = reader.u8()) {
    bytes.push(byte);
  }
  reader.skip(isPadded ? (8 - ((bytes.length + 1) % 8)) % 8 : 0);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** As many bytes as a number below `limit` needs. */
function bytesFor(limit: number): number {
  return Math.max(1, Math.ceil(Math.log2(limit + 1) / 8));
}

/** The lengths of a data set along its axes; none for a single value, undefined where it holds nothing at all. */
export function readDataspace(reader: ByteReader): number[] | undefined {
  const version = reader.u8();
  const dimensions = reader.u8();
  reader.skip(1);
  const kind = reader.u8();
  if (version === 1) {
    reader.skip(4);
  }
  if (version === 2 && kind === 2) {
    return undefined;
  }
  return Array.from({ length: dimensions }, () => readSized(reader, 8));
}
