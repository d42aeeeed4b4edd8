/** A line of the output and its number in the log. */
export type PassedLine = { text: string; line: number };

/** A training prints a handful of kinds of lines; where nearly every line is of a kind of its own, the latest ones count. */
const MAX_SHAPES = 256;
/** Where lines that differ in more than their numbers do so. */
const MAX_SHAPE_LENGTH = 200;

/** Asked for before each line, and almost always the answer. */
const NONE: readonly PassedLine[] = [];

/**
 * Of lines that come too fast to be understood one by one, those that tell of all: the first and the last of each shape, which
 * is what a line is without its numbers. So the last value of each metric is among them, a validation between a thousand steps,
 * and the first loss that is no number, since that has another shape.
 */
export class PassedLines {
  readonly #shapes = new Map<string, { first: PassedLine; last: PassedLine }>();

  add(line: PassedLine): void {
    const shape = line.text.slice(0, MAX_SHAPE_LENGTH).replace(/[\d.]+/g, "0");
    const known = this.#shapes.get(shape);
    if (known !== undefined) {
      known.last = line;
      return;
    }
    this.#shapes.set(shape, { first: line, last: line });
    const [oldest] = this.#shapes.size > MAX_SHAPES ? this.#shapes.keys() : [];
    if (oldest !== undefined) {
      this.#shapes.delete(oldest);
    }
  }

  /** Those since the last call, in the order in which they were printed. */
  take(): readonly PassedLine[] {
    if (this.#shapes.size === 0) {
      return NONE;
    }
    const lines = [...this.#shapes.values()].flatMap(({ first, last }) => (first === last ? [first] : [first, last]));
    this.#shapes.clear();
    return lines.toSorted((a, b) => a.line - b.line);
  }
}
