/**
 * Random access to bytes that may be far larger than memory.
 * Contract: `read` resolves with exactly `length` bytes, or with fewer only where the source ends.
 */
export type ByteSource = {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
};

/** A source over bytes already in memory. */
export function byteSourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

/** A part of a source as a source of its own, cut where the whole ends. */
export function sliceSource(source: ByteSource, offset: number, length: number): ByteSource {
  const begin = Math.min(offset, source.sizeBytes);
  const sizeBytes = Math.min(length, source.sizeBytes - begin);
  return {
    sizeBytes,
    read: (at, count) => source.read(begin + at, Math.max(0, Math.min(count, sizeBytes - at))),
  };
}
