import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { crc32Of } from "../base/crc32.ts";
import { FormatError } from "../base/errors.ts";
import { inflateRaw } from "../base/inflate.ts";
import { reasonOf } from "./formatReading.ts";
import { dataOffsetOf } from "./zipArchive.ts";
import type { ZipEntry } from "./zipEntries.ts";

const FORMAT = "zip";
/** A file of this size is read at once anyway; of larger ones, what lies in the middle is not looked at. */
const MAX_FILE_BYTES = 128 * 1024;
/** Unpacking takes longer than reading, and what unpacks to many times its size is none of a training. */
const MAX_UNPACKED_BYTES = 1024 * 1024;

/**
 * The first entry of a small archive that is not where the directory says, or does not match its checksum there, in
 * words; undefined where none is found, and for an archive that is too large to be read whole.
 */
export async function findDamagedEntry(source: ByteSource, entries: readonly ZipEntry[]): Promise<string | undefined> {
  if (source.sizeBytes > MAX_FILE_BYTES) {
    return undefined;
  }
  const file = await readExactly(source, { offset: 0, length: source.sizeBytes }, FORMAT);
  let unpackBytes = MAX_UNPACKED_BYTES;
  for (const entry of entries) {
    unpackBytes -= entry.method === 0 ? 0 : entry.sizeBytes;
    const damage = unpackBytes >= 0 ? damageOf(file, entry) : undefined;
    if (damage !== undefined) {
      return `${entry.name.slice(0, 60)}: ${damage}`;
    }
  }
  return undefined;
}

function damageOf(file: Uint8Array, entry: ZipEntry): string | undefined {
  try {
    const offset = dataOffsetOf(file.subarray(entry.headerOffset), entry);
    const stored = file.subarray(offset, offset + entry.storedBytes);
    const bytes = entry.method === 8 ? inflateRaw(stored, entry.sizeBytes + 1).bytes : stored;
    // torch.serialization.set_crc32_options(False) leaves every checksum at zero.
    const isChecked = entry.crc !== 0 && (entry.method === 0 || entry.method === 8);
    return isChecked && (bytes.length !== entry.sizeBytes || crc32Of(bytes) !== entry.crc)
      ? "its bytes do not match their checksum"
      : undefined;
  } catch (error) {
    if (error instanceof FormatError) {
      return reasonOf(error);
    }
    throw error;
  }
}
