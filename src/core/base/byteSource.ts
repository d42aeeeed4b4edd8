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
