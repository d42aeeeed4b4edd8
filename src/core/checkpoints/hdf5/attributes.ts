import { ByteReader } from "../../base/byteReader.ts";
import type { PlainValue } from "../plainValue.ts";
import { type Hdf5Type, readDataspace, readDatatype } from "./datatype.ts";
import { HDF5, type Hdf5Source } from "./hdf5Source.ts";
import type { HeaderMessage } from "./objectHeader.ts";

/*
 *   u8 version   u8   u16 bytes of name, of datatype, of dataspace   [u8 encoding in version 3]
 *   name, datatype, dataspace, value; in version 1 each padded to a multiple of eight bytes
 *
 * A text of variable length is u32 length, u64 address of a collection ("GCOL") and u32 number of the object in it.
 */

const ATTRIBUTE = 0x0c;
const MAX_ATTRIBUTES = 60;
const MAX_ITEMS = 20;
const MAX_TEXT_BYTES = 64 * 1024;
/** Where Keras describes the model, which takes some hundred kilobytes where it is large. */
const DESCRIPTION = "model_config";
const MAX_DESCRIPTION_BYTES = 1024 * 1024;
const MAX_COLLECTION_BYTES = 4 * 1024 * 1024;

/** Numbers and texts that an object is annotated with; other kinds of values are left out. */
export async function readAttributes(
  source: Hdf5Source,
  messages: readonly HeaderMessage[],
): Promise<ReadonlyMap<string, PlainValue>> {
  const attributes = new Map<string, PlainValue>();
  for (const { content } of messages.filter(({ kind }) => kind === ATTRIBUTE).slice(0, MAX_ATTRIBUTES)) {
    const { name, type, shape, value } = splitAttribute(content);
    const count = shape?.reduce((product, length) => product * length, 1) ?? 0;
    const textBytes = name === DESCRIPTION && count === 1 ? MAX_DESCRIPTION_BYTES : MAX_TEXT_BYTES;
    const items: PlainValue[] = [];
    for (let index = 0; index < Math.min(count, MAX_ITEMS); index++) {
      const item = await readItem(source, value, { ...type, textBytes });
      if (item === undefined) {
        break;
      }
      items.push(item);
    }
    const [first] = items;
    if (first !== undefined) {
      attributes.set(name.slice(0, 100), shape?.length === 0 ? first : items);
    }
  }
  return attributes;
}

function splitAttribute(reader: ByteReader): {
  name: string;
  type: Hdf5Type;
  shape: number[] | undefined;
  value: ByteReader;
} {
  const version = reader.u8();
  reader.skip(1);
  const lengths = [reader.u16(), reader.u16(), reader.u16()];
  reader.skip(version === 3 ? 1 : 0);
  const [name = new Uint8Array(), type = new Uint8Array(), space = new Uint8Array()] = lengths.map((length) => {
    const bytes = reader.bytes(length);
    reader.skip(version === 1 ? (8 - (length % 8)) % 8 : 0);
    return bytes;
  });
  return {
    name: textOf(name),
    type: readDatatype(new ByteReader(type, HDF5)),
    shape: readDataspace(new ByteReader(space, HDF5)),
    value: reader,
  };
}

/** What an attribute's value is, and how much of a text is read. */
type ItemType = Hdf5Type & { textBytes: number };

async function readItem(source: Hdf5Source, reader: ByteReader, type: ItemType): Promise<PlainValue | undefined> {
  switch (type.kind) {
    case "text":
      return textOf(reader.bytes(type.itemBytes));
    case "variable-text":
      return readVariableText(source, reader, type.textBytes);
    case "integer":
    case "float":
      return numberOf(reader.bytes(type.itemBytes), type);
    case "other":
    default:
      return undefined;
  }
}

function numberOf(bytes: Uint8Array, { kind, itemBytes, isSigned, isBigEndian }: Hdf5Type): number | undefined {
  const ordered = isBigEndian ? bytes.toReversed() : bytes.slice();
  const view = new DataView(ordered.buffer);
  if (kind === "float") {
    return itemBytes === 8 ? view.getFloat64(0, true) : itemBytes === 4 ? view.getFloat32(0, true) : undefined;
  }
  if (itemBytes > 8) {
    return undefined;
  }
  const hex = Array.from(ordered.toReversed(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unsigned = BigInt(`0x${hex}`);
  return Number(isSigned ? BigInt.asIntN(itemBytes * 8, unsigned) : unsigned);
}

async function readVariableText(source: Hdf5Source, reader: ByteReader, maxBytes: number): Promise<string | undefined> {
  const length = reader.u32();
  const address = reader.u64();
  const wanted = reader.u32();
  if (length === 0) {
    return "";
  }
  const head = await source.signed(address, 16, "GCOL");
  head.skip(4);
  const collection = await source.block(address + 16, Math.min(head.u64() - 16, MAX_COLLECTION_BYTES));
  while (collection.remaining >= 16) {
    const index = collection.u16();
    collection.skip(6);
    const size = collection.u64();
    if (index === wanted) {
      return textOf(collection.bytes(Math.min(size, length, maxBytes)));
    }
    if (index === 0) {
      return undefined;
    }
    collection.skip(Math.ceil(size / 8) * 8);
  }
  return undefined;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
