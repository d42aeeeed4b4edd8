/** A longer line is no row of metrics. */
const MAX_LINE_BYTES = 1_000_000;
const LINE_FEED = 0x0a;
const EMPTY_LINE = Uint8Array.of(LINE_FEED);

/** Cuts pieces of bytes into blocks of whole lines; each byte is looked at once, however small the pieces are. */
export class LineBlocks {
  /** The beginning of a line whose rest is still to come. */
  #carried: Uint8Array[] = [];
  #carriedBytes = 0;
  /** The line that is still to come to its end was too long already. */
  #isSkipping = false;

  /**
   * The lines that are whole by now, each with its line feed: the one that began earlier, and then those that lie in `bytes`.
   * One that took too long is an empty line, so that those behind it keep their numbers.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    let begin = 0;
    if (this.#carriedBytes > 0 || this.#isSkipping) {
      begin = bytes.indexOf(LINE_FEED) + 1;
      if (begin > 0) {
        const isTooLong = this.#isSkipping || this.#carriedBytes + begin > MAX_LINE_BYTES;
        blocks.push(isTooLong ? EMPTY_LINE : this.#join(bytes.subarray(0, begin)));
        this.#forget();
        this.#isSkipping = false;
      }
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > begin) {
      blocks.push(...withoutLongLines(bytes.subarray(begin, end)));
    }
    if (!this.#isSkipping) {
      this.#carry(bytes.slice(end));
    }
    return blocks;
  }

  /** The line whose end is still to come, as far as it is there. */
  get rest(): Uint8Array {
    return this.#join(new Uint8Array(0));
  }

  #carry(rest: Uint8Array): void {
    this.#carriedBytes += rest.length;
    if (this.#carriedBytes > MAX_LINE_BYTES) {
      this.#forget();
      this.#isSkipping = true;
    } else if (rest.length > 0) {
      this.#carried.push(rest);
    }
  }

  #forget(): void {
    this.#carried = [];
    this.#carriedBytes = 0;
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

/** A line that is too long covers one of the halves of its length into which the block is cut: only then each line is measured. */
function withoutLongLines(block: Uint8Array): Uint8Array[] {
  const half = MAX_LINE_BYTES / 2;
  let isSuspect = false;
  for (let at = 0; at + half <= block.length; at += half) {
    isSuspect ||= !block.subarray(at, at + half).includes(LINE_FEED);
  }
  return isSuspect ? [...measuredLines(block)] : [block];
}

function* measuredLines(block: Uint8Array): Generator<Uint8Array> {
  for (let begin = 0; begin < block.length; ) {
    const end = block.indexOf(LINE_FEED, begin) + 1;
    yield end - begin > MAX_LINE_BYTES ? EMPTY_LINE : block.subarray(begin, end);
    begin = end;
  }
}

/** The same as lines of text, of UTF-8. */
export class TextLines {
  readonly #blocks = new LineBlocks();
  readonly #decoder = new TextDecoder();

  push(bytes: Uint8Array): string[] {
    return this.#blocks.push(bytes).flatMap((block) => this.#decoder.decode(block).split("\n"));
  }

  /** The line whose end is still to come, as far as it is there. */
  get rest(): string {
    return this.#decoder.decode(this.#blocks.rest);
  }
}
