import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";

/*
 * A tar is a row of members, in blocks of 512 bytes:
 *
 *   0 name (100)   124 size (12)   148 checksum (8)   156 kind: "0" or NUL a file, "x" and "g" notes
 *   345 what the name begins with, where it is longer (155)
 *   the bytes, filled up to a whole block
 *   …              two blocks of zeros at least
 *
 * Numbers are octal digits, or after a byte of 0x80 the bytes of the number, highest first. The checksum is the sum of the
 * header's bytes with its own field as spaces; some writers add them as signed bytes, and Python takes both. Of several members of one name readers take
 * the first or the last, and not all obey the same notes. An archive that needs such a rule is `unclear`: what one reader
 * finds in it need not be what another loads.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */

export type TarMember = { name: string; offset: number; sizeBytes: number };

export type TarMembers = {
  /** All but the notes, in their order. */
  members: readonly TarMember[];
  /** Every name that a reader may know one of them by, also from notes. */
  names: ReadonlySet<string>;
  /** Why it is no complete archive; undefined for one that is. */
  problem: string | undefined;
  /** Why readers may differ in what they find; undefined where there is but one reading. */
  unclear: string | undefined;
};

const FORMAT = "tar";
export const BLOCK_BYTES = 512;
/** What `str.strip` takes from plain text. */
const PYTHON_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f ";
const END_BYTES = 20 * BLOCK_BYTES;
/** What was written for one model has four, with a note each. */
const MAX_MEMBERS = 64;
const MAX_NOTE_BYTES = 64 * 1024;
/** What a note may say without changing which bytes a name stands for. */
const harmlessKeys = new Set(["mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"]);

type Walk = { members: TarMember[]; names: Set<string>; unclear: string | undefined };

/** The members as far as their headers go. Throws only what the source throws. */
export async function readTarMembers(source: ByteSource): Promise<TarMembers> {
  const walk: Walk = { members: [], names: new Set(), unclear: undefined };
  return { problem: await walkMembers(source, walk), ...walk };
}

/** Whether a block is the header of a member, by its checksum. */
export function isTarHeader(block: Uint8Array): boolean {
  return block.length === BLOCK_BYTES && parseHeader(block) !== undefined;
}

/** Gives why it is no complete archive. */
async function walkMembers(source: ByteSource, walk: Walk): Promise<string | undefined> {
  let at = 0;
  for (let count = 0; count < MAX_MEMBERS; count++) {
    if (at + BLOCK_BYTES > source.sizeBytes) {
      return "the end of the archive is missing";
    }
    const block = await readExactly(source, { offset: at, length: BLOCK_BYTES }, FORMAT);
    if (block.every((byte) => byte === 0)) {
      return judgeEnd(source, at);
    }
    const header = parseHeader(block);
    if (header === undefined) {
      walk.unclear ??= "a header contradicts its own checksum";
      return undefined;
    }
    const offset = at + BLOCK_BYTES;
    const { name } = header;
    if (header.sizeBytes < 0) {
      walk.unclear ??= `${name.slice(0, 40)} has less than no bytes`;
    }
    const sizeBytes = Math.max(0, header.sizeBytes);
    if (sizeBytes > source.sizeBytes - offset) {
      return `${name.slice(0, 40)} has ${source.sizeBytes - offset} of ${sizeBytes} bytes`;
    }
    await addMember(source, walk, { ...header, sizeBytes, offset });
    at = offset + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  walk.unclear ??= `it has more than ${MAX_MEMBERS} members`;
  return undefined;
}

async function addMember(
  source: ByteSource,
  walk: Walk,
  { name, offset, sizeBytes, kind, isLong }: Header & { offset: number },
): Promise<void> {
  if (/[xgXLK]/.test(kind)) {
    const length = Math.min(sizeBytes, MAX_NOTE_BYTES);
    const note = textOf(await readExactly(source, { offset, length }, FORMAT));
    for (const [, named = ""] of note.matchAll(/^(?:\d+ (?:path|GNU\.sparse\.name)=)?([^\n=]*)$/gm)) {
      walk.names.add(named);
    }
    const isHarmless = (kind === "x" || kind === "g") && sizeBytes <= MAX_NOTE_BYTES && isHarmlessNote(note);
    walk.unclear ??= isHarmless ? undefined : "a note in it gives a member another name or size";
    return;
  }
  if (walk.names.has(name)) {
    walk.unclear ??= `more than one member is called ${name.slice(0, 40)}`;
  } else if (isLong || !/[0\0]/.test(kind)) {
    walk.unclear ??= `${name.slice(0, 40)} is no plain file`;
  }
  walk.names.add(name);
  walk.members.push({ name, offset, sizeBytes });
}

/** Records of `length key=value`, one after the other to the end of the note; one that is none changes nothing for sure. */
function isHarmlessNote(note: string): boolean {
  let at = 0;
  while (at < note.length) {
    const [begin = "", length = "", key = ""] = /^(\d{1,5}) ([A-Za-z]+)=/.exec(note.slice(at, at + 32)) ?? [];
    const record = note.slice(at, at + Number(length));
    if (!harmlessKeys.has(key) || record.length <= begin.length || record.indexOf("\n") !== Number(length) - 1) {
      return false;
    }
    at += record.length;
  }
  return true;
}

async function judgeEnd(source: ByteSource, at: number): Promise<string | undefined> {
  const length = Math.min(source.sizeBytes - at, END_BYTES + BLOCK_BYTES);
  const end = await readExactly(source, { offset: at, length }, FORMAT);
  if (length < 2 * BLOCK_BYTES) {
    return "the end of the archive is cut off";
  }
  return end.some((byte) => byte !== 0) ? "something follows the end of the archive" : undefined;
}

type Header = { name: string; sizeBytes: number; kind: string; isLong: boolean };

function parseHeader(block: Uint8Array): Header | undefined {
  const sizeBytes = parseNumber(block.subarray(124, 136));
  const checksum = parseNumber(block.subarray(148, 156));
  const summed = block.map((byte, index) => (index >= 148 && index < 156 ? 0x20 : byte));
  const isSum = checksum === sumOf(summed) || checksum === sumOf(new Int8Array(summed.buffer));
  if (sizeBytes === undefined || !isSum) {
    return undefined;
  }
  const kind = String.fromCharCode(block[156] ?? 0);
  return { name: untilNul(block.subarray(0, 100)), sizeBytes, kind, isLong: block[345] !== 0 };
}

function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && PYTHON_SPACE.includes(text.charAt(start))) {
    start++;
  }
  while (start < end && PYTHON_SPACE.includes(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(start, end);
}

function untilNul(field: Uint8Array): string {
  const end = field.indexOf(0);
  return textOf(field.subarray(0, end < 0 ? field.length : end));
}

function textOf(bytes: Uint8Array): string {
  return bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
}

function sumOf(bytes: Uint8Array | Int8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum += byte;
  }
  return sum;
}

/** As Python reads it, which also takes what no writer writes: no digits for a zero, signs, a prefix, single underscores. */
function parseNumber(field: Uint8Array): number | undefined {
  const [first] = field;
  if (first === 0x80 || first === 0xff) {
    const rest = field.subarray(1);
    return rest.reduce((number, byte) => number * 256 + byte, first === 0x80 ? 0 : -1);
  }
  const digits = trimSpace(untilNul(field));
  if (!/^[+-]?(?:0[oO]_?)?[0-7]+(?:_[0-7]+)*$/.test(digits)) {
    return digits === "" ? 0 : undefined;
  }
  return Number.parseInt(digits.replace(/[+_]|0o/gi, ""), 8);
}
