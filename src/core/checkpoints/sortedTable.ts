import { ByteReader, EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { maskedCrc32c } from "../base/crc32.ts";
import { FormatError } from "../base/errors.ts";

/*
 * A table of sorted keys, as LevelDB and TensorFlow write it, is read from its end:
 *
 *   data blocks, an index block      each followed by u8 compression (0: none, 1: snappy) and u32 masked CRC-32C
 *   footer, 48 bytes: where the meta index block is, where the index block is, padding, magic 57 fb 80 8b 24 75 47 db
 *
 *   block   entries: varint shared, varint unshared, varint value length, rest of the key, value; then u32 restart
 *           points and their number. A key begins with the first `shared` bytes of the one before it.
 *
 * https://github.com/google/leveldb/blob/main/doc/table_format.md
 */

export type TableEntry = { key: Uint8Array; value: Uint8Array };

const FORMAT = "TensorFlow index";
const FOOTER_BYTES = 48;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const TRAILER_BYTES = 5;
const MAX_TABLE_BYTES = 64 * 1024 * 1024;
/** Keys share long beginnings, so that a small block could name endless keys. */
const MAX_KEY_BYTES = 16 * 1024;
const MAX_ENTRIES = 1_000_000;
const MAX_KEYS_BYTES = 256 * 1024 * 1024;

/** Every entry of a table. EndOfBytesError where its end is missing, FormatError where it contradicts itself. */
export async function readSortedTable(source: ByteSource): Promise<TableEntry[]> {
  if (source.sizeBytes > MAX_TABLE_BYTES) {
    throw new FormatError(FORMAT, 0, `it is larger than ${MAX_TABLE_BYTES} bytes`);
  }
  const bytes = await readExactly(source, { offset: 0, length: source.sizeBytes }, FORMAT);
  if (bytes.length < FOOTER_BYTES || !MAGIC.every((byte, at) => bytes[bytes.length - MAGIC.length + at] === byte)) {
    throw new EndOfBytesError(FORMAT, bytes.length, "the footer at its end is missing");
  }
  const footer = new ByteReader(bytes.subarray(bytes.length - FOOTER_BYTES), FORMAT, bytes.length - FOOTER_BYTES);
  readHandle(footer);
  const entries: TableEntry[] = [];
  // Blocks do not overlap, so that all together are no longer than the file.
  const budget = { keyBytes: MAX_KEYS_BYTES, blockBytes: bytes.length };
  for (const { value } of readBlock(bytes, readHandle(footer), budget)) {
    const handle = readHandle(new ByteReader(value, FORMAT));
    for (const entry of readBlock(bytes, handle, budget)) {
      entries.push(entry);
    }
    if (entries.length > MAX_ENTRIES) {
      throw new FormatError(FORMAT, handle.offset, `it lists more than ${MAX_ENTRIES} entries`);
    }
  }
  return entries;
}

type Budget = { keyBytes: number; blockBytes: number };
type Handle = { offset: number; length: number };

function readHandle(reader: ByteReader): Handle {
  return { offset: varint(reader), length: varint(reader) };
}

function readBlock(file: Uint8Array, { offset, length }: Handle, budget: Budget): TableEntry[] {
  const end = offset + length;
  budget.blockBytes -= length;
  if (budget.blockBytes < 0) {
    throw new FormatError(FORMAT, offset, "its blocks overlap");
  }
  if (end + TRAILER_BYTES > file.length) {
    throw new EndOfBytesError(FORMAT, file.length, "a block reaches past its end");
  }
  const trailer = new ByteReader(file.subarray(end, end + TRAILER_BYTES), FORMAT, end);
  const compression = trailer.u8();
  if (compression !== 0) {
    throw trailer.error(`its blocks are compressed in the way ${compression}, which is not unpacked`, 0);
  }
  if (trailer.u32() !== maskedCrc32c(file.subarray(offset, end + 1))) {
    throw trailer.error("a block does not match its checksum", 0);
  }
  return parseEntries(file.subarray(offset, end), offset, budget);
}

function parseEntries(block: Uint8Array, fileOffset: number, budget: Budget): TableEntry[] {
  const tail = new ByteReader(block.subarray(Math.max(0, block.length - 4)), FORMAT, fileOffset);
  const restartBytes = 4 * tail.u32() + 4;
  if (restartBytes > block.length) {
    throw tail.error("its restart points reach past the block", 0);
  }
  const reader = new ByteReader(block.subarray(0, block.length - restartBytes), FORMAT, fileOffset);
  const entries: TableEntry[] = [];
  let previous = new Uint8Array();
  while (reader.remaining > 0) {
    const shared = varint(reader);
    const unshared = varint(reader);
    const valueBytes = varint(reader);
    budget.keyBytes -= shared + unshared;
    if (shared > previous.length || shared + unshared > MAX_KEY_BYTES || budget.keyBytes < 0) {
      throw reader.error("a key is longer than any name");
    }
    const key = new Uint8Array(shared + unshared);
    key.set(previous.subarray(0, shared));
    key.set(reader.bytes(unshared), shared);
    entries.push({ key, value: reader.bytes(valueBytes) });
    previous = key;
  }
  return entries;
}

/** Seven bits per byte, the lowest first. */
function varint(reader: ByteReader): number {
  let value = 0;
  for (let factor = 1; factor <= 2 ** 42; factor *= 128) {
    const byte = reader.u8();
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      return value;
    }
  }
  throw reader.error("a number is larger than any file");
}
