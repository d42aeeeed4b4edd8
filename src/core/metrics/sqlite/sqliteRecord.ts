import { FormatError } from "../../base/errors.ts";

/** A value of a row. Integers beyond 2^53 are rounded. */
export type SqliteValue = number | string | Uint8Array | null;

const decoder = new TextDecoder();
/** A record with more columns is none that a log has. */
const MAX_COLUMNS = 2_000;

/** SQLite's varint: most significant bits first, of the ninth byte all eight. Undefined where it is cut. */
export function readSqliteVarint(bytes: Uint8Array, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) {
      return undefined;
    }
    value = index === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || index === 8) {
      return { value, next: start + index + 1 };
    }
  }
  return undefined;
}

/** The values of a record: a header of types, then the values (https://www.sqlite.org/fileformat2.html#record_format). */
export function readSqliteRecord(bytes: Uint8Array): SqliteValue[] {
  const header = readSqliteVarint(bytes, 0);
  if (header === undefined || header.value > bytes.length) {
    throw new FormatError("SQLite", 0, "the header of a row is longer than the row");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: SqliteValue[] = [];
  let at = header.value;
  for (let place = header.next; place < header.value && values.length < MAX_COLUMNS; ) {
    const type = readSqliteVarint(bytes, place);
    if (type === undefined) {
      break;
    }
    place = type.next;
    const size = sizeOfType(type.value);
    if (at + size > bytes.length) {
      throw new FormatError("SQLite", at, "a value is longer than its row");
    }
    values.push(readValue(view, at, type.value));
    at += size;
  }
  return values;
}

const INTEGER_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function sizeOfType(type: number): number {
  return type >= 12 ? Math.floor((type - 12) / 2) : (INTEGER_SIZES[type] ?? 0);
}

function readValue(view: DataView, at: number, type: number): SqliteValue {
  if (type >= 12) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at, sizeOfType(type));
    return type % 2 === 1 ? decoder.decode(bytes) : bytes.slice();
  }
  switch (type) {
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getInt16(at);
    case 3:
      return view.getInt8(at) * 2 ** 16 + view.getUint16(at + 1);
    case 4:
      return view.getInt32(at);
    case 5:
      return view.getInt16(at) * 2 ** 32 + view.getUint32(at + 2);
    case 6:
      return Number(view.getBigInt64(at));
    case 7:
      return view.getFloat64(at);
    case 8:
      return 0;
    case 9:
      return 1;
    default:
      return null;
  }
}
