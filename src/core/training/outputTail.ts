import type { EvidenceLine } from "./diagnosis/diagnosis.ts";

/** Far more than the tracebacks of all processes of a machine; little beside what the supervisor needs anyway. */
const MAX_CHARACTERS = 262_144;
/** What stands at the end of a longer line explains nothing. */
const MAX_LINE_LENGTH = 1_000;
const MAX_LINES = 4_096;

/** The last lines of an output, so that its end can be explained also where a full disk has swallowed the log. */
export class OutputTail {
  #lines: EvidenceLine[] = [];
  #characters = 0;

  push(text: string, line: number): void {
    const kept = text.slice(0, MAX_LINE_LENGTH);
    this.#lines.push({ line, text: kept });
    this.#characters += kept.length;
    if (this.#characters > MAX_CHARACTERS || this.#lines.length > MAX_LINES) {
      this.#dropOlderHalf();
    }
  }

  get lines(): readonly EvidenceLine[] {
    return this.#lines;
  }

  /** Half at once costs less than one line at a time. */
  #dropOlderHalf(): void {
    this.#lines = this.#lines.slice(Math.ceil(this.#lines.length / 2));
    this.#characters = this.#lines.reduce((sum, { text }) => sum + text.length, 0);
  }
}
