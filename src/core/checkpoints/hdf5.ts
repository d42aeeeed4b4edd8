import { ByteReader } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { type Completeness, torn, unknown, whole } from "./checkpointSummary.ts";

/*
 * The superblock says where the file ends, which is all that is read of HDF5:
 *
 *   0  89 48 44 46 0d 0a 1a 0a
 *   8  version
 *      0 and 1: size of offsets at 13, base address at 24 (version 1: 28), end of file 16 bytes after it
 *      2 and 3: size of offsets at 9, consistency flags at 11, base address at 12, end of file at 28
 */

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK_BYTES = 64;
const OPEN_FOR_WRITING = 1;

export function isHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => head[index] === byte);
}

/** Compares the end that the superblock states with the length of the file. */
export async function judgeHdf5(source: ByteSource): Promise<Completeness> {
  const bytes = await source.read(0, Math.min(SUPERBLOCK_BYTES, source.sizeBytes));
  if (bytes.length < SUPERBLOCK_BYTES) {
    return torn("it ends inside its superblock");
  }
  const version = bytes[8] ?? 0;
  const offsetBytes = bytes[version < 2 ? 13 : 9];
  const isOpen = version >= 2 && ((bytes[11] ?? 0) & OPEN_FOR_WRITING) !== 0;
  if (version > 3 || offsetBytes !== 8) {
    return unknown("its superblock is of a kind that is not known");
  }
  const baseAt = version < 2 ? 24 + 4 * version : 12;
  const reader = new ByteReader(bytes, "HDF5");
  reader.skip(baseAt);
  const base = reader.u64();
  reader.skip(8);
  const end = base + reader.u64();
  if (source.sizeBytes < end) {
    return torn(`${source.sizeBytes} of ${end} bytes are there`);
  }
  return isOpen
    ? unknown("a program has it open for writing, or was stopped while it had")
    : whole("its length is what its superblock says");
}
