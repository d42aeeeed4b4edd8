import { FormatError } from "../base/errors.ts";

/** What the header of an array is written in: Python's texts, whole numbers, True, False, None, tuples, lists, dictionaries. */
export type NumpyLiteral = null | boolean | number | string | NumpyLiteral[] | Map<string, NumpyLiteral>;

/** A list that nobody can change, which the shape of an array has to be. */
export class NumpyTuple extends Array<NumpyLiteral> {}

const FORMAT = "NumPy header";
/** numpy itself nests a structured dtype as deep as its user did; nobody has gone further. */
const MAX_DEPTH = 16;
const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const words: ReadonlyMap<string, NumpyLiteral> = new Map<string, NumpyLiteral>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

/** Parses the literal that `numpy.lib.format` writes. Throws FormatError for anything else; nothing is evaluated. */
export function parseNumpyLiteral(text: string): NumpyLiteral {
  const parser = new LiteralParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class LiteralParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): NumpyLiteral {
    const next = this.#peek();
    if (depth > MAX_DEPTH) {
      throw this.#error("it is nested deeper than any dtype");
    }
    const close = closers[next];
    if (close !== undefined) {
      return next === "{" ? this.#dictionary(depth) : this.#sequence(close, depth);
    }
    return next === "'" || next === '"' ? this.#string() : this.#word();
  }

  end(): void {
    if (this.#peek() !== "") {
      throw this.#error("something follows its end");
    }
  }

  #sequence(close: string, depth: number): NumpyLiteral {
    const items = close === ")" ? new NumpyTuple() : [];
    let isTuple = true;
    this.#at++;
    while (this.#peek() !== close) {
      items.push(this.value(depth + 1));
      // Parentheses around one value make a tuple by the comma alone.
      isTuple = items.length > 1 || this.#peek() === ",";
      this.#separator(close);
    }
    this.#at++;
    return close === ")" && !isTuple ? (items[0] ?? null) : items;
  }

  #dictionary(depth: number): Map<string, NumpyLiteral> {
    const entries = new Map<string, NumpyLiteral>();
    this.#at++;
    while (this.#peek() !== "}") {
      const key = this.value(depth + 1);
      if (typeof key !== "string" || entries.has(key) || this.#peek() !== ":") {
        throw this.#error("a key is no text, or is there twice");
      }
      this.#at++;
      entries.set(key, this.value(depth + 1));
      this.#separator("}");
    }
    this.#at++;
    return entries;
  }

  #separator(close: string): void {
    if (this.#peek() === ",") {
      this.#at++;
    } else if (this.#peek() !== close) {
      throw this.#error("a comma is missing");
    }
  }

  #string(): string {
    const match = this.#match(/(['"])((?:\\.|(?!\1)[^\\])*)\1/y);
    return (match[2] ?? "").replace(/\\(.)/g, "$1");
  }

  #word(): NumpyLiteral {
    const [text] = this.#match(/-?\d+|[A-Za-z]+/y);
    const known = words.get(text);
    const value = known === undefined ? Number(text) : known;
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      throw this.#error(`${text.slice(0, 20)} is nothing that an array's header holds`);
    }
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) {
      throw this.#error("a value is missing");
    }
    this.#at = pattern.lastIndex;
    return match;
  }

  /** The next character that is no space, or nothing at the end. */
  #peek(): string {
    while (/[ \t\n\r\f]/.test(this.#text[this.#at] ?? "")) {
      this.#at++;
    }
    return this.#text[this.#at] ?? "";
  }

  #error(reason: string): FormatError {
    return new FormatError(FORMAT, this.#at, reason);
  }
}
