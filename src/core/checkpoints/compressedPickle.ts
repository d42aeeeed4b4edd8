import { ByteReader, EndOfBytesError } from "../base/byteReader.ts";
import { crc32Of } from "../base/crc32.ts";
import { FormatError } from "../base/errors.ts";
import { type Inflated, inflateRaw } from "../base/inflate.ts";

/*
 * joblib.dump with compress= writes one of these; Python reads several of gzip or zlib one after the other as one:
 *
 *   gzip   1f 8b, a header of ten bytes and what its flags announce, DEFLATE, CRC-32, length (RFC 1952)
 *   zlib   78, a byte of flags, DEFLATE, Adler-32 with the highest byte first (RFC 1950)
 */

type Compression = {
  name: string;
  signature: readonly number[];
  /** Absent for those that are not unpacked. */
  stream?: {
    headerBytes: (bytes: Uint8Array) => number;
    trailerBytes: number;
    isSound: (unpacked: Uint8Array, trailer: Uint8Array) => boolean;
  };
};

/** What the first bytes of the compressors of joblib look like; only DEFLATE is unpacked. */
const compressions: readonly Compression[] = [
  {
    name: "gzip",
    signature: [0x1f, 0x8b],
    stream: {
      headerBytes: gzipHeaderBytes,
      trailerBytes: 8,
      isSound: (unpacked, trailer) => new ByteReader(trailer, "gzip").u32() === crc32Of(unpacked),
    },
  },
  {
    name: "zlib",
    signature: [0x78],
    stream: {
      headerBytes: () => 2,
      trailerBytes: 4,
      isSound: (unpacked, trailer) => bigEndian(trailer) === adler32(unpacked),
    },
  },
  { name: "bz2", signature: [0x42, 0x5a, 0x68] },
  { name: "xz", signature: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: "lzma", signature: [0x5d, 0x00] },
  { name: "lz4", signature: [0x04, 0x22, 0x4d, 0x18] },
];

/** Unpacking takes longer than reading, and a small file may unpack to a thousand times its size. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
const MIN_UNPACKED_BYTES = 1024 * 1024;
const UNPACKED_PER_BYTE = 256;
const MAX_STREAMS = 1_000;

export type UnpackedPickle = {
  bytes: Uint8Array;
  /** False where the bytes are more than are unpacked. */
  isComplete: boolean;
  /** What is wrong with the streams, in words. */
  damage?: string;
};

/**
 * The bytes that a compressed file stands for; undefined for one that is not compressed. Throws EndOfBytesError where
 * the last stream is cut off, FormatError where the compression is none that is unpacked.
 */
export function unpackPickle(bytes: Uint8Array): UnpackedPickle | undefined {
  const compression = compressions.find((each) => isBegun(each, bytes));
  if (compression === undefined) {
    return undefined;
  }
  const { name, stream } = compression;
  if (stream === undefined) {
    throw new FormatError("joblib", 0, `it is compressed with ${name}, which is not unpacked`);
  }
  const parts: Uint8Array[] = [];
  let left = Math.min(MAX_UNPACKED_BYTES, MIN_UNPACKED_BYTES + UNPACKED_PER_BYTE * bytes.length);
  let damage: string | undefined;
  let isComplete = true;
  for (let at = 0; at < bytes.length && isComplete && parts.length < MAX_STREAMS; ) {
    if (!isBegun(compression, bytes.subarray(at))) {
      damage ??= "something follows its compressed bytes";
      break;
    }
    const begin = at + stream.headerBytes(bytes.subarray(at));
    const inflated: Inflated = inflateRaw(bytes.subarray(begin), left);
    parts.push(inflated.bytes);
    left -= inflated.bytes.length;
    isComplete = inflated.isComplete;
    at = begin + inflated.consumedBytes + stream.trailerBytes;
    if (isComplete && at > bytes.length) {
      throw new EndOfBytesError("joblib", bytes.length, "the checksum after its compressed bytes is missing");
    }
    if (isComplete && !stream.isSound(inflated.bytes, bytes.subarray(at - stream.trailerBytes, at))) {
      damage ??= "its compressed bytes do not match their checksum";
    }
  }
  return { bytes: concatenate(parts), isComplete, ...(damage !== undefined && { damage }) };
}

function isBegun({ signature }: Compression, bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = parts;
  if (parts.length < 2) {
    return first;
  }
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** Two sums modulo 65521: of the bytes, and of the first sum after each of them. */
function adler32(bytes: Uint8Array): number {
  const MODULUS = 65_521;
  let sum = 1;
  let sums = 0;
  for (const byte of bytes) {
    sum = (sum + byte) % MODULUS;
    sums = (sums + sum) % MODULUS;
  }
  return sums * 65_536 + sum;
}

/** RFC 1952: ten bytes, then what the flags announce. */
function gzipHeaderBytes(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) {
    at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) !== 0) {
      const end = bytes.indexOf(0, at);
      at = end < 0 ? bytes.length : end + 1;
    }
  }
  return (flags & 2) === 0 ? at : at + 2;
}
