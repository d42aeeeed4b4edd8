/**
 * Walks the fields of one protobuf message inside of `bytes`; nothing is copied. After `next` gave true, `field` and
 * `wire` say what stands there: a varint in `number`, a fixed value or bytes from `start` to `end`.
 * A message that promises more bytes than it has ends the walk and sets `isDamaged`.
 */
export class ProtobufWalk {
  field = 0;
  wire = 0;
  number = 0;
  start = 0;
  end = 0;
  isDamaged = false;
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #position: number;

  constructor(bytes: Uint8Array, start: number, limit: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#limit = limit;
  }

  next(): boolean {
    if (this.#position >= this.#limit || this.isDamaged) {
      return false;
    }
    const key = this.#varint();
    this.field = Math.floor(key / 8);
    this.wire = key % 8;
    if (this.wire === 0) {
      this.number = this.#varint();
      return !this.isDamaged;
    }
    const length = this.wire === 1 ? 8 : this.wire === 5 ? 4 : this.wire === 2 ? this.#varint() : Number.NaN;
    // Also false for the wire type of groups, which no message here has.
    if (this.isDamaged || !(length <= this.#limit - this.#position)) {
      this.isDamaged = true;
      return false;
    }
    this.start = this.#position;
    this.end = this.#position + length;
    this.#position = this.end;
    return true;
  }

  /** Up to ten bytes, two's complement in 64 bits; exact to 2^53, which no step passes. */
  #varint(): number {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#position < this.#limit ? this.#bytes[this.#position++] : undefined;
      if (byte === undefined) {
        break;
      }
      if (index < 4) {
        low += (byte & 0x7f) * 2 ** (7 * index);
      } else {
        high += (byte & 0x7f) * 2 ** (7 * (index - 4));
      }
      if (byte < 0x80) {
        // 36 bits stand in `high`: bit 63 is its bit 35.
        return high >= 2 ** 35 ? (high - 2 ** 36) * 2 ** 28 + low : high * 2 ** 28 + low;
      }
    }
    this.isDamaged = true;
    return 0;
  }
}
