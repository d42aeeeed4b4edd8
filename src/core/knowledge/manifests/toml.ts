import { parse, TomlError } from "smol-toml";
import type { ReadingBuilder } from "./reading.ts";

export type TomlTable = Readonly<Record<string, unknown>>;

/** A TOML file with the lines of what stands in it. */
export type TomlFile = { root: TomlTable; lineOf: TomlLines };

/** The tables of a file; an empty one and a problem where the text is no TOML. */
export function readToml(text: string, reading: ReadingBuilder): TomlFile {
  const lineOf = new TomlLines(text);
  try {
    return { root: tableOf(parse(text)), lineOf };
  } catch (error) {
    // Arrays nested thousands deep exhaust the stack of the parser.
    const isExpected = error instanceof TomlError || error instanceof RangeError;
    if (!isExpected) {
      throw error;
    }
    const line = error instanceof TomlError ? error.line - 1 : 0;
    const reason = error instanceof TomlError ? firstLine(error.message) : "it is nested too deeply";
    reading.report("invalid-toml", line, `The file cannot be read: ${reason}.`, "error");
    return { root: {}, lineOf };
  }
}

/** The table at a path such as `["tool", "poetry"]`; an empty one where there is none. */
export function tableAt(root: TomlTable, ...path: readonly string[]): TomlTable {
  return path.reduce<TomlTable>((table, key) => tableOf(ownValue(table, key)), root);
}

export function tableOf(value: unknown): TomlTable {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
  return isTable ? Object.fromEntries(Object.entries(value)) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function ownValue(table: TomlTable, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/\.$/, "");
}

/**
 * Finds lines again, which the parser does not keep: a value is looked for below the header of its table, each
 * text behind the last place where it was found.
 */
class TomlLines {
  readonly #lines: readonly string[];
  readonly #headers = new Map<string, number>();
  readonly #found = new Map<string, number>();

  constructor(text: string) {
    this.#lines = text.split("\n");
    for (const [index, line] of this.#lines.entries()) {
      const header = /^\s*\[\[?\s*([^\]]+?)\s*\]/.exec(line)?.[1]?.replaceAll(/["'\s]/g, "");
      if (header !== undefined && !this.#headers.has(header)) {
        this.#headers.set(header, index);
      }
    }
  }

  /** The line of a header, or of the nearest table around it; the first line where there is none. */
  header(...path: readonly string[]): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.#headers.get(path.slice(0, length).join("."));
      if (line !== undefined) {
        return line;
      }
    }
    return 0;
  }

  /** The line on which a key is assigned. */
  key(path: readonly string[], key: string): number {
    const line = this.#search(this.header(...path), (text) => {
      const assigned = text.trimStart();
      return [key, `"${key}"`, `'${key}'`].some(
        (spelled) => assigned.startsWith(spelled) && /^[\s=.]/.test(assigned.slice(spelled.length)),
      );
    });
    return line ?? this.header(...path, key);
  }

  /** The line on which a text stands as an item of a list. */
  item(path: readonly string[], key: string, item: string): number {
    const id = [...path, key, item].join("\0");
    const from = this.#found.get(id) ?? this.key(path, key);
    const line = this.#search(from, (text) => text.includes(item));
    if (line === undefined) {
      return this.key(path, key);
    }
    this.#found.set(id, line + 1);
    return line;
  }

  #search(from: number, matches: (line: string) => boolean): number | undefined {
    const end = Math.min(this.#lines.length, from + MAX_SEARCHED_LINES);
    for (let index = from; index < end; index++) {
      if (matches(this.#lines[index] ?? "")) {
        return index;
      }
    }
    return undefined;
  }
}

/** Tables of people are shorter; bounds the time that thousands of entries can ask for. */
const MAX_SEARCHED_LINES = 2_000;
