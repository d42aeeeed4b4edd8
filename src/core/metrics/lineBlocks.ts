/** A longer line is no row of metrics. */
const MAX_LINE_BYTES = 1_000_000;
const LINE_FEED = 0x0a;

/** Cuts pieces of bytes into blocks of whole lines; each byte is looked at once, however small the pieces are. */
export class LineBlocks {
  /** The beginning of a line whose rest is still to come. */
  #carried: Uint8Array[] = [];
  #carriedBytes = 0;

  /** The lines that are whole by now, each with its line feed: the one that began earlier, and then those that lie in `bytes`. */
  push(bytes: Uint8Array): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    let begin = 0;
    if (this.#carriedBytes > 0) {
      begin = bytes.indexOf(LINE_FEED) + 1;
      if (begin > 0) {
        blocks.push(this.#join(bytes.subarray(0, begin)));
        this.#carried = [];
        this.#carriedBytes = 0;
      }
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > begin) {
      blocks.push(bytes.subarray(begin, end));
    }
    this.#carry(bytes.slice(end));
    return blocks;
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
    const joined = new Uint8Array(this.#carriedBytes + last.length);
    let at = 0;
    for (const piece of [...this.#carried, last]) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

/** The same as lines of text, of UTF-8. */
export class TextLines {
  readonly #blocks = new LineBlocks();
  readonly #decoder = new TextDecoder();

  push(bytes: Uint8Array): string[] {
    return this.#blocks.push(bytes).flatMap((block) => this.#decoder.decode(block).split("\n"));
  }
}
