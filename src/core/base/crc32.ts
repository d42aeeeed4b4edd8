/** The polynomials of the two checksums, their bits reversed. */
const CASTAGNOLI = 0x82f63b78;
const IEEE = 0xedb88320;
/** Bytes that are taken at once, each through a table of its own ("slicing by eight"). */
const SLICE = 8;

/** Table `n` tells what a byte does to the checksum when `n` bytes follow it in its slice; all in one array. */
function buildTables(polynomial: number): Int32Array {
  const tables = new Int32Array(SLICE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256] ?? 0;
    tables[index] = (shorter >>> 8) ^ (tables[shorter & 0xff] ?? 0);
  }
  return tables;
}

const CASTAGNOLI_TABLES = buildTables(CASTAGNOLI);
const IEEE_TABLES = buildTables(IEEE);

/** CRC-32C of the bytes as TensorFlow's files store it: rotated and offset, so that a checksum of checksums means something. */
export function maskedCrc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const crc = crc32c(bytes, from, to);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli) of the bytes. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  return ~addBytes(CASTAGNOLI_TABLES, -1, bytes, { from, to }) >>> 0;
}

/** CRC-32 as zip and zlib have it, of a byte and then some more. */
export function crc32(first: number, bytes: Uint8Array): number {
  const begun = (IEEE_TABLES[(-1 ^ first) & 0xff] ?? 0) ^ (-1 >>> 8);
  return ~addBytes(IEEE_TABLES, begun, bytes, { from: 0, to: bytes.length }) >>> 0;
}

/** CRC-32 of the bytes as zip and gzip have it. */
export function crc32Of(bytes: Uint8Array): number {
  return ~addBytes(IEEE_TABLES, -1, bytes, { from: 0, to: bytes.length }) >>> 0;
}

type Span = { from: number; to: number };

function addBytes(tables: Int32Array, start: number, bytes: Uint8Array, { from, to }: Span): number {
  let crc = start;
  let at = from;
  for (const last = to - SLICE; at <= last; at += SLICE) {
    const low = crc ^ word(bytes, at);
    const high = word(bytes, at + 4);
    crc =
      (tables[1792 + (low & 0xff)] ?? 0) ^
      (tables[1536 + ((low >>> 8) & 0xff)] ?? 0) ^
      (tables[1280 + ((low >>> 16) & 0xff)] ?? 0) ^
      (tables[1024 + (low >>> 24)] ?? 0) ^
      (tables[768 + (high & 0xff)] ?? 0) ^
      (tables[512 + ((high >>> 8) & 0xff)] ?? 0) ^
      (tables[256 + ((high >>> 16) & 0xff)] ?? 0) ^
      (tables[high >>> 24] ?? 0);
  }
  for (; at < to; at++) {
    crc = (tables[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return crc;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
