/** One field of a message: its number, and its value by wire type. */
export type ProtoField =
  | { number: number; wire: "varint"; value: bigint }
  | { number: number; wire: "fixed64" | "bytes" | "fixed32"; bytes: Uint8Array };

/**
 * The fields of a protobuf message in the order in which they lie there. Ends at the first byte that is none of a
 * message; no length is believed that goes beyond the bytes at hand.
 */
export function* protoFields(bytes: Uint8Array): Generator<ProtoField> {
  let at = 0;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    if (key === undefined) {
      return;
    }
    at = key.next;
    const number = Number(key.value >> 3n);
    const wire = Number(key.value & 7n);
    if (wire === 0) {
      const value = readVarint(bytes, at);
      if (value === undefined) {
        return;
      }
      at = value.next;
      yield { number, wire: "varint", value: value.value };
      continue;
    }
    const length = lengthOf(wire, bytes, at);
    if (length === undefined || length.next + length.size > bytes.length) {
      return;
    }
    at = length.next + length.size;
    yield { number, wire: length.wire, bytes: bytes.subarray(length.next, at) };
  }
}

function lengthOf(wire: number, bytes: Uint8Array, at: number) {
  if (wire === 1) {
    return { wire: "fixed64" as const, next: at, size: 8 };
  }
  if (wire === 5) {
    return { wire: "fixed32" as const, next: at, size: 4 };
  }
  const length = wire === 2 ? readVarint(bytes, at) : undefined;
  return length && { wire: "bytes" as const, next: length.next, size: Number(length.value) };
}

/** A varint has at most ten bytes. */
const MAX_VARINT_BYTES = 10;

export function readVarint(bytes: Uint8Array, start: number): { value: bigint; next: number } | undefined {
  let value = 0n;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) {
      return undefined;
    }
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      return { value, next: start + index + 1 };
    }
  }
  return undefined;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
