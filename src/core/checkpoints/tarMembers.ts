import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";

/*
 * A tar is a row of members, in blocks of 512 bytes:
 *
 *   0 name (100)   124 size in octal (12)   148 checksum in octal (8)   156 kind: "0" or NUL a file, "x" and "g" notes
 *   the bytes, filled up to a whole block
 *   …              two blocks of zeros, then zeros up to a whole record of 20 blocks
 *
 * The checksum is the sum of the header's bytes with its own field as spaces.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */

export type TarMember = { offset: number; sizeBytes: number };

export type TarMembers = {
  /** The first of each name. */
  members: ReadonlyMap<string, TarMember>;
  /** Why it is no complete archive; undefined for one that is. */
  problem: string | undefined;
};

const FORMAT = "tar";
const BLOCK_BYTES = 512;
const RECORD_BYTES = 20 * BLOCK_BYTES;
/** What was written for one model has four, with a note each. */
const MAX_MEMBERS = 64;

/** The members as far as their headers go. Throws FormatError where a header is none. */
export async function readTarMembers(source: ByteSource): Promise<TarMembers> {
  const members = new Map<string, TarMember>();
  let at = 0;
  for (let count = 0; count < MAX_MEMBERS; count++) {
    if (at + BLOCK_BYTES > source.sizeBytes) {
      return { members, problem: "the end of the archive is missing" };
    }
    const header = await readExactly(source, { offset: at, length: BLOCK_BYTES }, FORMAT);
    if (header.every((byte) => byte === 0)) {
      return { members, problem: await judgeEnd(source, at) };
    }
    const { name, sizeBytes, isFile } = parseHeader(header, at);
    const offset = at + BLOCK_BYTES;
    if (sizeBytes > source.sizeBytes - offset) {
      return { members, problem: `${name.slice(0, 40)} has ${source.sizeBytes - offset} of ${sizeBytes} bytes` };
    }
    if (isFile && !members.has(name)) {
      members.set(name, { offset, sizeBytes });
    }
    at = offset + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  throw new FormatError(FORMAT, at, `it has more than ${MAX_MEMBERS} members`);
}

async function judgeEnd(source: ByteSource, at: number): Promise<string | undefined> {
  const isRecord = source.sizeBytes % RECORD_BYTES === 0;
  const length = Math.min(source.sizeBytes - at, RECORD_BYTES + BLOCK_BYTES);
  const end = await readExactly(source, { offset: at, length }, FORMAT);
  if (!isRecord || length < 2 * BLOCK_BYTES) {
    return "the end of the archive is cut off";
  }
  return end.some((byte) => byte !== 0) ? "something follows the end of the archive" : undefined;
}

function parseHeader(header: Uint8Array, at: number): { name: string; sizeBytes: number; isFile: boolean } {
  const sizeBytes = octal(header.subarray(124, 136));
  const checksum = octal(header.subarray(148, 156));
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (sizeBytes === undefined || checksum !== sum) {
    throw new FormatError(FORMAT, at, "a header contradicts its own checksum");
  }
  const kind = header[156];
  return { name: textOf(header.subarray(0, 100)), sizeBytes, isFile: kind === 0 || kind === 0x30 };
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return String.fromCharCode(...field.subarray(0, end < 0 ? field.length : end));
}

function octal(field: Uint8Array): number | undefined {
  const digits = textOf(field).trim();
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
