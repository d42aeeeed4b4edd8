/** A longer line is no row of metrics. */
const MAX_LINE_LENGTH = 1_000_000;

/** Cuts pieces of UTF-8 into blocks of whole lines; the text is looked at once, however small the pieces are. */
export class TextBlocks {
  readonly #decoder = new TextDecoder();
  #carry = "";

  /** The lines that are whole by now, each with its line feed; empty where there are none. */
  push(bytes: Uint8Array): string {
    const fresh = this.#decoder.decode(bytes, { stream: true });
    const end = fresh.lastIndexOf("\n") + 1;
    const block = end === 0 ? "" : this.#carry + fresh.slice(0, end);
    const rest = end === 0 ? this.#carry + fresh : fresh.slice(end);
    this.#carry = rest.length > MAX_LINE_LENGTH ? "" : rest;
    return block;
  }
}
