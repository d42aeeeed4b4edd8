import { FormatError } from "../base/errors.ts";

/** Objects are Maps: keys keep their order, and `__proto__` is a key like any other. */
export type JsonValue = null | boolean | number | string | JsonValue[] | Map<string, JsonValue>;

const MAX_DEPTH = 64;
const MAX_VALUES = 4_000_000;

/**
 * Parses JSON that holds nothing but texts, whole numbers, true, false and null, as a program that trusts no reader to be tolerant
 * writes it: a number is written as a whole one, and every text can be encoded.
 */
export function parseStrictJson(text: string, format: string): JsonValue {
  return new JsonParser(text, format, { isStrict: true, maxValues: MAX_VALUES }).parse();
}

/**
 * Parses JSON as Python writes it: with bare NaN, Infinity and -Infinity, which JSON.parse refuses. Stricter than
 * JSON.parse in one thing: a key that occurs twice is refused, since readers disagree about which one counts.
 */
export function parseTolerantJson(text: string, format: string, maxValues: number = MAX_VALUES): JsonValue {
  return new JsonParser(text, format, { isStrict: false, maxValues }).parse();
}

const words = new Map<string, JsonValue>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NO_QUOTE = { end: -1, isPlain: true };
const literalPattern = /-?Infinity|NaN|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const strictPattern = /^(?:true|false|null|0|-?[1-9]\d*)$/;
const loneSurrogate = /[\ud800-\udfff]/u;

class JsonParser {
  readonly #text: string;
  readonly #format: string;
  readonly #isStrict: boolean;
  readonly #maxValues: number;
  #at = 0;
  #values = 0;

  constructor(text: string, format: string, { isStrict, maxValues }: { isStrict: boolean; maxValues: number }) {
    this.#text = text;
    this.#format = format;
    this.#isStrict = isStrict;
    this.#maxValues = maxValues;
  }

  parse(): JsonValue {
    const value = this.#value(MAX_DEPTH);
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      throw this.#error("text follows the end of the JSON value");
    }
    return value;
  }

  #value(depth: number): JsonValue {
    this.#values++;
    if (depth === 0 || this.#values > this.#maxValues) {
      throw this.#error("the JSON is nested too deeply or holds too many values");
    }
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === "{") {
      return this.#object(depth);
    }
    if (first === "[") {
      return this.#array(depth);
    }
    return first === '"' ? this.#string() : this.#wordOrNumber();
  }

  #object(depth: number): Map<string, JsonValue> {
    const entries = new Map<string, JsonValue>();
    this.#at++;
    if (this.#takes("}")) {
      return entries;
    }
    do {
      this.#skipSpace();
      const key = this.#string();
      if (entries.has(key)) {
        throw this.#error(`the key "${key.slice(0, 60)}" occurs twice`);
      }
      this.#expect(":");
      entries.set(key, this.#value(depth - 1));
    } while (this.#takes(","));
    this.#expect("}");
    return entries;
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    if (this.#takes("]")) {
      return items;
    }
    do {
      items.push(this.#value(depth - 1));
    } while (this.#takes(","));
    this.#expect("]");
    return items;
  }

  #string(): string {
    const start = this.#at + 1;
    const { end, isPlain } = this.#text.charCodeAt(this.#at) === QUOTE ? this.#findQuote(start) : NO_QUOTE;
    if (end < 0) {
      throw this.#error("a text is expected");
    }
    const value = isPlain ? this.#text.slice(start, end) : this.#unescape(this.#text.slice(this.#at, end + 1));
    this.#at = end + 1;
    if (!isPlain && this.#isStrict && loneSurrogate.test(value)) {
      throw this.#error("a text holds half a character");
    }
    return value;
  }

  #unescape(literal: string): string {
    try {
      return String(JSON.parse(literal));
    } catch (cause) {
      throw this.#error("a text holds an unknown escape or a control character", cause);
    }
  }

  /** The next quote that no backslash escapes, or -1; plain is what lies before it where it means itself. */
  #findQuote(from: number): { end: number; isPlain: boolean } {
    let isPlain = true;
    for (let at = from; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        return { end: at, isPlain };
      }
      if (code === BACKSLASH || code < SPACE) {
        isPlain = false;
        at += code === BACKSLASH ? 1 : 0;
      }
    }
    return NO_QUOTE;
  }

  #wordOrNumber(): JsonValue {
    literalPattern.lastIndex = this.#at;
    const literal = literalPattern.exec(this.#text)?.[0];
    if (literal === undefined) {
      throw this.#error("a value is expected");
    }
    if (this.#isStrict && !strictPattern.test(literal)) {
      throw this.#error(`${literal.slice(0, 20)} is no whole number`);
    }
    this.#at += literal.length;
    const word = words.get(literal);
    return word === undefined ? Number(literal) : word;
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) {
      return false;
    }
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#takes(character)) {
      throw this.#error(`"${character}" is expected`);
    }
  }

  #skipSpace(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code === SPACE || code === 0x0a || code === 0x0d || code === 0x09) {
      this.#at++;
      code = this.#text.charCodeAt(this.#at);
    }
  }

  #error(reason: string, cause?: unknown): FormatError {
    return new FormatError(this.#format, this.#at, reason, { cause });
  }
}
