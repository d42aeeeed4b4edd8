import { ByteReader, EndOfBytesError, readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { bytesFollow } from "./bytesFollow.ts";
import { reasonOf } from "./formatReading.ts";
import { parseZipEntries, type ZipEntry } from "./zipEntries.ts";

/*
 * A zip is read from its end:
 *
 *   0             local header: "PK\x03\x04" … name length (26), extra length (28), name, extra
 *                 bytes of the entry                            (repeated for each entry)
 *   directory     central directory: one "PK\x01\x02" record per entry, with sizes and offsets
 *   [zip64 end    "PK\x06\x06", 56 bytes: 64-bit count, size and offset of the directory]
 *   [locator      "PK\x06\x07", 20 bytes: where the zip64 end is]
 *   end record    "PK\x05\x06", 22 bytes + comment: count (10), size (12), offset (16), comment length (20)
 *
 * PyTorch writes sizes only into the directory, never into local headers, so a file without its end is
 * readable only from its beginning: see readLeadingZipEntry.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

export type ZipDirectory = {
  entries: readonly ZipEntry[];
  /** Where the bytes of the last entry must have ended. */
  directoryOffset: number;
  /** Whatever does not fit together although the directory could be read; empty for a sound archive. */
  problems: readonly string[];
};

const FORMAT = "zip";
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const ZIP64_END_BYTES = 56;
const LOCAL_HEADER_BYTES = 30;
/** torch fills the extra field until the bytes begin at a multiple of 64. */
const USUAL_EXTRA_BYTES = 128;
/** The comment can be as long as its 16-bit length allows; the end record lies before it. */
const TAIL_BYTES = END_BYTES + 0xffff + LOCATOR_BYTES + ZIP64_END_BYTES;
/** About 600,000 entries of PyTorch's usual length; the largest models have some 10,000. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

type EndRecord = { hereCount: number; entryCount: number; directoryBytes: number; directoryOffset: number };
/** An end record where it is, with what is wrong with it that torch goes on in spite of. */
type FoundEnd = EndRecord & { problems: readonly string[] };

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
}

/**
 * The central directory. An EndOfBytesError means that the end is missing; other FormatErrors that it contradicts itself,
 * which is no sign that anything was cut off.
 */
export async function readZipDirectory(source: ByteSource): Promise<ZipDirectory> {
  const tailOffset = Math.max(0, source.sizeBytes - TAIL_BYTES);
  const tail = await readExactly(source, { offset: tailOffset, length: source.sizeBytes - tailOffset }, FORMAT);
  const endAt = findEndRecord(tail);
  if (endAt === undefined) {
    throw new EndOfBytesError(FORMAT, source.sizeBytes, "the directory at the end is missing");
  }
  try {
    return await readDirectoryBefore(source, { tail, tailOffset, endAt });
  } catch (error) {
    const isShort = error instanceof EndOfBytesError;
    throw isShort ? new FormatError(FORMAT, tailOffset + endAt, reasonOf(error), { cause: error }) : error;
  }
}

type Tail = { tail: Uint8Array; tailOffset: number; endAt: number };

async function readDirectoryBefore(source: ByteSource, { tail, tailOffset, endAt }: Tail): Promise<ZipDirectory> {
  const end = await readEndRecord(source, tail.subarray(endAt), tailOffset + endAt);
  const directory =
    end.directoryOffset >= tailOffset
      ? tail.subarray(end.directoryOffset - tailOffset, end.directoryOffset - tailOffset + end.directoryBytes)
      : await readExactly(source, { offset: end.directoryOffset, length: end.directoryBytes }, FORMAT);
  const { entries, problems } = parseZipEntries(directory, {
    entryCount: end.entryCount,
    directoryOffset: end.directoryOffset,
  });
  return { entries, directoryOffset: end.directoryOffset, problems: [...end.problems, ...problems] };
}

/** The bytes of a stored entry, found through its local header, whose name must be the one of the directory. */
export async function readZipEntry(source: ByteSource, entry: ZipEntry, maxBytes: number): Promise<Uint8Array> {
  if (entry.method !== 0 || entry.isEncrypted) {
    throw new FormatError(FORMAT, entry.headerOffset, `${entry.name} is compressed or encrypted`);
  }
  if (entry.sizeBytes > maxBytes) {
    throw new FormatError(FORMAT, entry.headerOffset, `${entry.name} is larger than ${maxBytes} bytes`);
  }
  const offset = await locateZipEntry(source, entry);
  return readExactly(source, { offset, length: entry.sizeBytes }, entry.name);
}

/** The same for an entry of some bytes, in one read where its header is no longer than torch makes it. */
export async function readSmallZipEntry(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const { headerOffset, nameBytes, sizeBytes } = entry;
  const bytes = await source.read(headerOffset, LOCAL_HEADER_BYTES + nameBytes + USUAL_EXTRA_BYTES + sizeBytes);
  const begin = dataOffsetOf(bytes, entry) - headerOffset;
  const isInside = begin + sizeBytes <= bytes.length;
  return isInside ? bytes.subarray(begin, begin + sizeBytes) : readZipEntry(source, entry, sizeBytes);
}

/** Where the bytes of an entry begin. */
export async function locateZipEntry(source: ByteSource, entry: ZipEntry): Promise<number> {
  const length = LOCAL_HEADER_BYTES + entry.nameBytes;
  return dataOffsetOf(await readExactly(source, { offset: entry.headerOffset, length }, FORMAT), entry);
}

/** The same for the bytes that begin with the header of the entry. */
export function dataOffsetOf(bytes: Uint8Array, entry: ZipEntry): number {
  const local = parseLocalHeader(bytes, entry.headerOffset);
  if (local.name !== entry.name) {
    throw new FormatError(
      FORMAT,
      entry.headerOffset,
      "an entry has another name in its own header than in the directory",
    );
  }
  return entry.headerOffset + local.dataOffset;
}

/**
 * Where the first entry's bytes begin, for a file whose directory is missing. Its length is unknown then: the
 * format inside must know its own end.
 */
export async function readLeadingZipEntry(source: ByteSource): Promise<{ name: string; dataOffset: number }> {
  const head = await source.read(0, Math.min(source.sizeBytes, 4096));
  const { name, dataOffset } = parseLocalHeader(head, 0);
  return { name, dataOffset };
}

function parseLocalHeader(bytes: Uint8Array, fileOffset: number): { name: string; dataOffset: number } {
  const reader = new ByteReader(bytes, FORMAT, fileOffset);
  if (reader.u32() !== 0x04034b50) {
    throw reader.error("an entry does not begin with a header", 0);
  }
  reader.skip(22);
  const nameBytes = reader.u16();
  const extraBytes = reader.u16();
  const name = new TextDecoder().decode(reader.bytes(nameBytes));
  return { name, dataOffset: LOCAL_HEADER_BYTES + nameBytes + extraBytes };
}

/**
 * Where the last end record is, which is the one that torch and Python take whatever it says: an earlier one would be
 * another archive than they load.
 */
function findEndRecord(tail: Uint8Array): number | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] === 0x50 && tail[at + 1] === 0x4b && tail[at + 2] === 0x05 && tail[at + 3] === 0x06) {
      return at;
    }
  }
  return undefined;
}

async function readEndRecord(source: ByteSource, bytes: Uint8Array, endOffset: number): Promise<FoundEnd> {
  const reader = new ByteReader(bytes, FORMAT, endOffset);
  reader.skip(4);
  const disks = reader.u16() + reader.u16();
  const hereCount = reader.u16();
  const short = { hereCount, entryCount: reader.u16(), directoryBytes: reader.u32(), directoryOffset: reader.u32() };
  const behind = reader.remaining - 2 - reader.u16();
  if (disks !== 0 && disks !== 0x1fffe) {
    throw reader.error("the archive is spread over several files", 4);
  }
  const zip64 = await readZip64End(source, endOffset);
  const end = zip64?.record ?? short;
  if (end.directoryBytes > MAX_DIRECTORY_BYTES) {
    throw reader.error(`the directory is larger than ${MAX_DIRECTORY_BYTES} bytes`, 12);
  }
  const isBeforeEnd = end.directoryOffset + end.directoryBytes === (zip64?.offset ?? endOffset);
  const problems = [
    behind > 0 && bytesFollow(behind, "the end of the archive"),
    behind < 0 && "the comment is cut off",
    zip64?.problem,
    end.hereCount !== end.entryCount && "some of its entries are in other files",
    !isBeforeEnd && "the directory does not end where the end record begins",
  ];
  return { ...end, problems: problems.filter((problem) => typeof problem === "string") };
}

type Zip64End = { record?: EndRecord; offset?: number; problem?: string };

/** The 64-bit end record, where a locator before the short one points to it. */
async function readZip64End(source: ByteSource, shortOffset: number): Promise<Zip64End | undefined> {
  const locatorOffset = shortOffset - LOCATOR_BYTES;
  if (locatorOffset < ZIP64_END_BYTES) {
    return undefined;
  }
  const bytes = await readExactly(source, { offset: locatorOffset, length: LOCATOR_BYTES }, FORMAT);
  const locator = new ByteReader(bytes, FORMAT, locatorOffset);
  if (locator.u32() !== 0x07064b50) {
    return undefined;
  }
  const recordDisk = locator.u32();
  const offset = locator.u64();
  const diskCount = locator.u32();
  const range = { offset, length: ZIP64_END_BYTES };
  const record = new ByteReader(await readExactly(source, range, FORMAT), FORMAT, offset);
  if (record.u32() !== 0x06064b50) {
    return { problem: "the zip64 end record has no signature" };
  }
  const restBytes = record.u64();
  record.skip(4);
  const disks = record.u32() + record.u32();
  const isOneFile = recordDisk === 0 && diskCount === 1 && disks === 0;
  const isInPlace = offset + ZIP64_END_BYTES === locatorOffset && restBytes === ZIP64_END_BYTES - 12;
  const hereCount = record.u64();
  return {
    record: { hereCount, entryCount: record.u64(), directoryBytes: record.u64(), directoryOffset: record.u64() },
    offset,
    ...(!isInPlace && { problem: "the zip64 end record is not where its locator says" }),
    ...(!isOneFile && { problem: "the archive is spread over several files" }),
  };
}
