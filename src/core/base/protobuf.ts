/** The kinds of fields that a message has. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A varint has at most ten bytes. */
const MAX_VARINT_BYTES = 10;

/**
 * Walks over the fields of a protobuf message in the order in which they lie there, without an object for each: `next`
 * steps on, and the properties tell about the field. Ends at the first byte that is none of a message; no length is
 * believed that goes beyond the bytes at hand.
 */
export class ProtoReader {
  /** The number of the field. */
  field = 0;
  wire: number = WIRE.varint;
  /** Where the value lies: of a text or message behind its length, of a number all of it. */
  from = 0;
  to = 0;
  /** Where a text or message would end, which is beyond the bytes at hand where they are cut. */
  declaredEnd = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #low = 0;
  #high = 0;

  start(bytes: Uint8Array, from = 0, end = bytes.length): this {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
    return this;
  }

  next(): boolean {
    if (this.#at >= this.#end || !this.#readVarint()) {
      return false;
    }
    this.wire = this.#low & 7;
    this.field = (this.#low >>> 3) | (this.#high << 29);
    this.from = this.#at;
    if (this.wire === WIRE.varint) {
      const isWhole = this.#readVarint();
      this.to = this.#at;
      return isWhole;
    }
    const size = this.#sizeOfValue();
    if (size === undefined) {
      return false;
    }
    this.from = this.#at;
    this.declaredEnd = this.from + size;
    this.to = Math.min(this.declaredEnd, this.#end);
    this.#at = this.to;
    return this.declaredEnd <= this.#end;
  }

  /** The varint of the field as the signed number that it is for `int64`. */
  get signed(): number {
    return this.#high * 2 ** 32 + (this.#low >>> 0);
  }

  #sizeOfValue(): number | undefined {
    if (this.wire === WIRE.fixed64) {
      return 8;
    }
    if (this.wire === WIRE.fixed32) {
      return 4;
    }
    return this.wire === WIRE.bytes && this.#readVarint()
      ? (this.#high >>> 0) * 2 ** 32 + (this.#low >>> 0)
      : undefined;
  }

  #readVarint(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    this.#low = 0;
    this.#high = 0;
    for (let index = 0; index < MAX_VARINT_BYTES && at < this.#end; index++) {
      const byte = bytes[at++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) {
        this.#low |= bits << (7 * index);
      } else if (index === 4) {
        this.#low |= bits << 28;
        this.#high = bits >>> 4;
      } else {
        this.#high |= bits << (7 * index - 32);
      }
      if (byte < 0x80) {
        this.#at = at;
        return true;
      }
    }
    return false;
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
