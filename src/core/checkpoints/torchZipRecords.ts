import type { ByteSource } from "../base/byteSource.ts";
import { crc32Of } from "../base/crc32.ts";
import { FormatError } from "../base/errors.ts";
import { reasonOf } from "./formatReading.ts";
import { readSmallZipEntry } from "./zipArchive.ts";
import type { ZipEntry } from "./zipEntries.ts";

/*
 * Two small records of a zip of torch say how the others are to be read; torch refuses a file whose records say something else:
 *
 *   version, or .data/version   the version of the format, 1 to 10
 *   byteorder                   "little" or "big"; little where it is missing
 *
 * https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/versions.h
 */

export type TorchZipRecords = {
  isBigEndian: boolean;
  /** Why torch refuses the file; undefined where nothing speaks against it. */
  problem?: string;
};

const MAX_VERSION = 10;
const MAX_RECORD_BYTES = 64;
/** What torch writes; a record with the checksum of one of these needs no read. */
const usualTexts = new Map(["3\n", "little"].map((text) => [crc32Of(new TextEncoder().encode(text)), text]));

export async function readTorchZipRecords(
  source: ByteSource,
  entries: ReadonlyMap<string, ZipEntry>,
  prefix: string,
): Promise<TorchZipRecords> {
  const versionEntry = entries.get(`${prefix}.data/version`) ?? entries.get(`${prefix}version`);
  try {
    const [version, byteOrder] = await Promise.all([
      readText(source, versionEntry),
      readText(source, entries.get(`${prefix}byteorder`)),
    ]);
    const problem = findProblem(version, byteOrder);
    return { isBigEndian: byteOrder === "big", ...(problem !== undefined && { problem }) };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return { isBigEndian: false, problem: reasonOf(error) };
  }
}

function findProblem(version: string | undefined, byteOrder: string | undefined): string | undefined {
  const number = Number(/^\s*(\d+)/.exec(version ?? "1")?.[1] ?? "0");
  if (number < 1 || number > MAX_VERSION) {
    return `its version is ${JSON.stringify(version?.trim())}, which torch does not read`;
  }
  const isKnownOrder = byteOrder === undefined || byteOrder === "little" || byteOrder === "big";
  return isKnownOrder ? undefined : `its byte order is ${JSON.stringify(byteOrder)}, neither little nor big`;
}

/** Undefined for a record that is not there, or not as torch writes it: packed, or longer than any of these. */
async function readText(source: ByteSource, entry: ZipEntry | undefined): Promise<string | undefined> {
  if (entry?.method !== 0 || entry.isEncrypted || entry.sizeBytes > MAX_RECORD_BYTES) {
    return undefined;
  }
  const usual = usualTexts.get(entry.crc);
  return usual?.length === entry.sizeBytes ? usual : new TextDecoder().decode(await readSmallZipEntry(source, entry));
}
