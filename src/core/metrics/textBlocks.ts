/** A longer line is no row of metrics. */
const MAX_LINE_BYTES = 1_000_000;
const LINE_FEED = 0x0a;

/** Cuts pieces of UTF-8 into blocks of whole lines; each byte is looked at once, however small the pieces are. */
export class TextBlocks {
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose rest is still to come. */
  #carried: Uint8Array[] = [];
  #carriedBytes = 0;

  /** The lines that are whole by now, each with its line feed; empty where there are none. */
  push(bytes: Uint8Array): string {
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    let block = "";
    if (end > 0) {
      // Decoded at once: a text put together from pieces is many times slower to read character by character.
      block = this.#decoder.decode(this.#join(bytes.subarray(0, end)));
      this.#carried = [];
      this.#carriedBytes = 0;
    }
    this.#carry(bytes.slice(end));
    return block;
  }

  #carry(rest: Uint8Array): void {
    this.#carriedBytes += rest.length;
    if (this.#carriedBytes > MAX_LINE_BYTES) {
      this.#carried = [];
      this.#carriedBytes = 0;
    } else if (rest.length > 0) {
      this.#carried.push(rest);
    }
  }

  #join(last: Uint8Array): Uint8Array {
    if (this.#carriedBytes === 0) {
      return last;
    }
    const joined = new Uint8Array(this.#carriedBytes + last.length);
    let at = 0;
    for (const piece of [...this.#carried, last]) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}
