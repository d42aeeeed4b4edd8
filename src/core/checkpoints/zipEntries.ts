import { ByteReader } from "../base/byteReader.ts";

/*
 * One record of the central directory:
 *
 *   0  "PK\x01\x02"   8  flags   10 method (0: stored)   16 CRC-32
 *   20 compressed size   24 size   28 name length   30 extra length   32 comment length
 *   34 number of the file of the archive   38 attributes   42 offset of the local header   46 name, extra, comment
 *
 * A size or offset of 0xffffffff stands in the extra field 0x0001 (zip64) instead, in that order.
 */

export type ZipEntry = {
  name: string;
  nameBytes: number;
  /** 0 is stored: the bytes lie in the file as they are. PyTorch writes nothing else. */
  method: number;
  /** Stored or deflated, as readers of its version of the format unpack it. */
  isKnown: boolean;
  isEncrypted: boolean;
  /** Where torch takes an entry for a folder, it reads none of its bytes. */
  isFolder: boolean;
  crc: number;
  storedBytes: number;
  sizeBytes: number;
  headerOffset: number;
};

const LOCAL_HEADER_BYTES = 30;
/** Encrypted in one of three ways, or a patch of another file: none of it is what it says. */
const ENCRYPTED = 0x2061;
/** Stands for a number that does not fit into 32 bits. */
const SATURATED = 0xffff_ffff;
const ZIP64_FIELD = 0x0001;
/** 6.3, the newest that Python reads. */
const MAX_VERSION = 63;
const FOLDER_ATTRIBUTE = 0x10;
/** An extra field of the local header and a zip64 data descriptor may lie between two entries; nothing longer. */
const MAX_GAP_BYTES = 0xffff + 24;
/** A handful of problems tells the story; a hostile archive has one per entry. */
const MAX_PROBLEMS = 5;

/** A part that is empty at the front or leads up, or a character that ends or splits a path elsewhere. */
const leadsOutside = /[\0\\]|^\/|(?:^|\/)\.\.(?:\/|$)/;

export function parseZipEntries(
  directory: Uint8Array,
  expected: { entryCount: number; directoryOffset: number },
): { entries: ZipEntry[]; problems: string[] } {
  const reader = new ByteReader(directory, "zip", expected.directoryOffset);
  const entries: ZipEntry[] = [];
  while (reader.remaining > 0) {
    entries.push(readEntry(reader));
  }
  const problems = [...collectNameProblems(entries), ...collectLayoutProblems(entries, expected.directoryOffset)];
  if (entries.length !== expected.entryCount) {
    problems.unshift(`the directory lists ${entries.length} entries, its end record says ${expected.entryCount}`);
  }
  return { entries, problems: problems.slice(0, MAX_PROBLEMS) };
}

function readEntry(reader: ByteReader): ZipEntry {
  if (reader.u32() !== 0x02014b50) {
    throw reader.error("the directory holds something that is no entry", reader.position - 4);
  }
  reader.skip(2);
  const version = reader.u8();
  reader.skip(1);
  const flags = reader.u16();
  const method = reader.u16();
  reader.skip(4);
  const crc = reader.u32();
  const storedBytes = reader.u32();
  const sizeBytes = reader.u32();
  const nameBytes = reader.u16();
  const extraBytes = reader.u16();
  const commentBytes = reader.u16();
  if (reader.u16() > 1) {
    throw reader.error("the archive is spread over several files", reader.position - 2);
  }
  reader.skip(2);
  const isFolder = (reader.u32() & FOLDER_ATTRIBUTE) !== 0;
  const headerOffset = reader.u32();
  const name = reader.text(nameBytes);
  const isKnown = version <= MAX_VERSION && (method === 0 || method === 8);
  const isEncrypted = (flags & ENCRYPTED) !== 0;
  const entry = { name, nameBytes, method, isKnown, isEncrypted, isFolder, crc, storedBytes, sizeBytes, headerOffset };
  const extraEnd = reader.position + extraBytes;
  widenFromExtra(entry, reader, extraEnd);
  reader.position = extraEnd;
  reader.skip(commentBytes);
  return entry;
}

/** Sets what needs 64 bits; in place and without a view per field, since in a file above 4 GB each entry has one. */
function widenFromExtra(entry: ZipEntry, reader: ByteReader, extraEnd: number): void {
  const { sizeBytes, storedBytes, headerOffset } = entry;
  const isWide = sizeBytes === SATURATED || storedBytes === SATURATED || headerOffset === SATURATED;
  if (!isWide) {
    return;
  }
  while (extraEnd - reader.position >= 4) {
    const id = reader.u16();
    const fieldEnd = reader.u16() + reader.position;
    if (id === ZIP64_FIELD) {
      entry.sizeBytes = sizeBytes === SATURATED ? reader.u64() : sizeBytes;
      entry.storedBytes = storedBytes === SATURATED ? reader.u64() : storedBytes;
      entry.headerOffset = headerOffset === SATURATED ? reader.u64() : headerOffset;
    }
    if (fieldEnd > extraEnd || reader.position > fieldEnd) {
      throw reader.error("an extra field of an entry is shorter than what it must hold");
    }
    if (id === ZIP64_FIELD) {
      return;
    }
    reader.position = fieldEnd;
  }
}

/** Names are never used as paths here, but whoever unpacks such an archive would write outside its folder. */
function collectNameProblems(entries: readonly ZipEntry[]): string[] {
  const problems = new Set<string>();
  const seen = new Set<string>();
  for (const entry of entries) {
    if (entry.name === "" || leadsOutside.test(entry.name)) {
      problems.add("an entry's name leads outside the archive");
    }
    if (seen.has(entry.name)) {
      problems.add("two entries have the same name");
    }
    if (entry.isEncrypted) {
      problems.add("an entry is encrypted");
    }
    if (!entry.isKnown) {
      problems.add("an entry is packed in a way that is not known");
    }
    if (entry.isFolder && entry.sizeBytes > 0) {
      problems.add("an entry is a folder and a file in one");
    }
    if (entry.method === 0 && entry.storedBytes !== entry.sizeBytes) {
      problems.add("a stored entry has two different sizes");
    }
    seen.add(entry.name);
  }
  return [...problems];
}

/** Entries must follow one another from the first byte to the directory; sharing bytes is how zip bombs work. */
function collectLayoutProblems(entries: readonly ZipEntry[], directoryOffset: number): string[] {
  const problems = new Set<string>();
  const inOrder = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  let previousEnd = 0;
  for (const [index, entry] of inOrder.entries()) {
    if (entry.headerOffset < previousEnd) {
      problems.add("two entries share the same bytes");
    } else if (index === 0 && entry.headerOffset > 0) {
      problems.add(`${entry.headerOffset} bytes lie before the first entry`);
    } else if (entry.headerOffset - previousEnd > MAX_GAP_BYTES) {
      problems.add("bytes that belong to no entry lie between two entries");
    }
    previousEnd = entry.headerOffset + LOCAL_HEADER_BYTES + entry.nameBytes + entry.storedBytes;
  }
  if (previousEnd > directoryOffset) {
    problems.add("an entry reaches into the directory");
  } else if (directoryOffset - previousEnd > MAX_GAP_BYTES) {
    problems.add("bytes that belong to no entry lie before the directory");
  }
  return [...problems];
}
