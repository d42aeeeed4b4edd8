/** Which encoding the first two bytes of a text tell. */
const MARKS = [
  { encoding: "utf-16le", mark: [0xff, 0xfe] },
  { encoding: "utf-16be", mark: [0xfe, 0xff] },
] as const;
const MARK_BYTES = 2;

const encoder = new TextEncoder();

/** Makes UTF-8 of a text that comes in pieces: what Excel and PowerShell's `>` write is UTF-16, with a mark before it. */
export class Utf8Pieces {
  /** The first byte, until the second one is there. */
  #begin: Uint8Array | undefined = new Uint8Array(0);
  #decoder: TextDecoder | undefined;

  push(bytes: Uint8Array): Uint8Array {
    if (this.#begin === undefined) {
      return this.#convert(bytes);
    }
    const begin = new Uint8Array(this.#begin.length + bytes.length);
    begin.set(this.#begin);
    begin.set(bytes, this.#begin.length);
    if (begin.length < MARK_BYTES) {
      this.#begin = begin;
      return new Uint8Array(0);
    }
    this.#begin = undefined;
    const found = MARKS.find(({ mark }) => mark.every((byte, index) => begin[index] === byte));
    this.#decoder = found && new TextDecoder(found.encoding);
    return this.#convert(begin);
  }

  #convert(bytes: Uint8Array): Uint8Array {
    return this.#decoder === undefined ? bytes : encoder.encode(this.#decoder.decode(bytes, { stream: true }));
  }
}
