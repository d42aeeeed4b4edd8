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
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsOf(value: unknown): string[] {
  return listOf(value).filter((item) => typeof item === "string");
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

/** Keys of one table and the texts in quotes below its header, with their lines in order. */
type TableLines = { line: number; keys: Map<string, number>; texts: Map<string, number[]> };

const HEADER = /^\s*\[\[?([^\]]+)\]\]?\s*(?:#.*)?$/;
const KEY = /^\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))[\s=.]/;
/** What is never closed goes on to the end of its line, so that nothing is looked at twice. */
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)"?|'([^']*)'?/g;

/** Finds lines again, which the parser does not keep. All of them are noted in one pass, since a table may have thousands of keys. */
class TomlLines {
  readonly #top: TableLines = { line: 0, keys: new Map(), texts: new Map() };
  readonly #tables = new Map<string, TableLines>();
  readonly #found = new Map<string, number>();

  constructor(text: string) {
    let table = this.#top;
    for (const [line, written] of text.split("\n").entries()) {
      const header = HEADER.exec(written)?.[1]?.replaceAll(/["'\s]/g, "");
      if (header === undefined) {
        noteLine(table, written, line);
      } else {
        // Tables of an array share one header, and their keys one list.
        table = this.#tables.get(header) ?? { line, keys: new Map(), texts: new Map() };
        this.#tables.set(header, table);
      }
    }
  }

  /** The line of a header, or of the nearest table around it; the first line where there is none. */
  header(...path: readonly string[]): number {
    return this.#nearest(path).table.line;
  }

  /** The line on which a key is assigned, also as part of a dotted key or of an inline table. */
  key(path: readonly string[], key: string): number {
    const { table, below } = this.#nearest(path);
    return table.keys.get(below[0] ?? key) ?? this.header(...path, key);
  }

  /** The line on which a text stands as an item of a list, behind the last place where the same one was found. */
  item(path: readonly string[], key: string, item: string): number {
    const first = this.key(path, key);
    const id = [...path, key, item].join("\0");
    const lines = this.#nearest(path).table.texts.get(item) ?? [];
    const index = this.#found.get(id) ?? firstFrom(lines, first);
    this.#found.set(id, index + 1);
    return lines[index] ?? first;
  }

  /** The innermost table on a path that has a header, and what is left of the path. */
  #nearest(path: readonly string[]): { table: TableLines; below: readonly string[] } {
    for (let length = path.length; length > 0; length--) {
      const table = this.#tables.get(path.slice(0, length).join("."));
      if (table !== undefined) {
        return { table, below: path.slice(length) };
      }
    }
    return { table: this.#top, below: path };
  }
}

function noteLine({ keys, texts }: TableLines, written: string, line: number): void {
  const [, double, single, bare] = KEY.exec(written) ?? [];
  const key = double ?? single ?? bare;
  if (key !== undefined && !keys.has(key)) {
    keys.set(key, line);
  }
  for (const [, escaped, literal] of written.matchAll(QUOTED)) {
    const text = literal ?? escaped?.replaceAll(/\\(["\\])/g, "$1") ?? "";
    const lines = texts.get(text);
    if (lines === undefined) {
      texts.set(text, [line]);
    } else {
      lines.push(line);
    }
  }
}

/** The index of the first number that is not below a bound, in numbers that grow. */
function firstFrom(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < bound) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
