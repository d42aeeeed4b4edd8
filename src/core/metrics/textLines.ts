/** No line of a metrics file is longer; what is, is cut off rather than kept in memory. */
const MAX_LINE_LENGTH = 4_000_000;

/** Cuts a growing text into lines; a torn last line waits for its end. */
export class TextLines {
  readonly #decoder = new TextDecoder("utf-8");
  #carry = "";

  push(bytes: Uint8Array): string[] {
    const lines = (this.#carry + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#carry = (lines.pop() ?? "").slice(0, MAX_LINE_LENGTH);
    return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  }
}
