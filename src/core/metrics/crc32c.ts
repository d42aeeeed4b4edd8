/** The Castagnoli polynomial, reflected. */
const POLYNOMIAL = 0x82f6_3b78;

/** Four tables, so that four bytes go through at once ("slicing"); event files with images are hundreds of megabytes. */
const TABLES = buildTables();

function buildTables(): Uint32Array {
  const tables = new Uint32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    }
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = at(tables, index - 256);
    tables[index] = (previous >>> 8) ^ at(tables, previous & 0xff);
  }
  return tables;
}

function at(values: Uint32Array | Uint8Array, index: number): number {
  return values[index] ?? 0;
}

/** CRC-32C of a range, masked as TFRecord stores it (tensorflow/core/lib/hash/crc32c.h). */
export function maskedCrc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff_ffff;
  let index = start;
  for (; index + 4 <= end; index += 4) {
    crc ^= at(bytes, index) | (at(bytes, index + 1) << 8) | (at(bytes, index + 2) << 16) | (at(bytes, index + 3) << 24);
    crc =
      at(TABLES, 768 + (crc & 0xff)) ^
      at(TABLES, 512 + ((crc >>> 8) & 0xff)) ^
      at(TABLES, 256 + ((crc >>> 16) & 0xff)) ^
      at(TABLES, crc >>> 24);
  }
  for (; index < end; index++) {
    crc = (crc >>> 8) ^ at(TABLES, (crc ^ at(bytes, index)) & 0xff);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
}
