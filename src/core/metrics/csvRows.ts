import { readNumberAt } from "./loggedNumber.ts";
import { TextBlocks } from "./textBlocks.ts";

/** What takes the table: its columns once, and then row by row the numbers in them; the array is used again for the next row. */
export type CsvTaker = {
  header(names: readonly string[]): void;
  /** `line` counts from one, the header included. */
  row(cells: readonly (number | undefined)[], line: number): void;
};

/**
 * Reads the numbers of a table that grows by rows, as CSV loggers write it: a header, then values between commas, semicolons or
 * tabs. A cell that is empty or no number is undefined.
 */
export class CsvRows {
  readonly #taker: CsvTaker;
  readonly #blocks = new TextBlocks();
  #cells: (number | undefined)[] = [];
  #columnCount = 0;
  #separator = ",";
  #hasQuotes = false;
  #line = 0;

  constructor(taker: CsvTaker) {
    this.#taker = taker;
  }

  push(bytes: Uint8Array): void {
    this.#takeBlock(this.#blocks.push(bytes));
  }

  /** Takes a last row that has no end. */
  end(): void {
    this.#takeBlock(this.#blocks.push(Uint8Array.of(0x0a)));
  }

  #takeBlock(block: string): void {
    // A field, so that the compiler cannot put the search into the loop, where it would be done for each row.
    this.#hasQuotes = block.includes('"');
    for (let at = 0; at < block.length; ) {
      const end = block.indexOf("\n", at);
      this.#line += 1;
      this.#takeLine(block, at, end);
      at = end + 1;
    }
  }

  #takeLine(block: string, from: number, end: number): void {
    if (this.#columnCount === 0) {
      this.#takeHeader(block.slice(from, end));
    } else if (this.#hasQuotes && block.slice(from, end).includes('"')) {
      const cells = splitRow(block.slice(from, end), this.#separator);
      this.#cells = Array.from({ length: this.#columnCount }, (_, index) =>
        readNumberAt(cells[index] ?? "", 0, cells[index]?.length ?? 0),
      );
      this.#taker.row(this.#cells, this.#line);
    } else if (end > from && (end > from + 1 || block[from] !== "\r")) {
      this.#readCells(block, from, end);
      this.#taker.row(this.#cells, this.#line);
    }
  }

  #takeHeader(line: string): void {
    if (line.trim() === "") {
      return;
    }
    this.#separator = [",", "\t", ";"].find((each) => line.includes(each)) ?? ",";
    const names = splitRow(line, this.#separator).map((cell) => cell.trim());
    this.#columnCount = names.length;
    this.#taker.header(names);
  }

  #readCells(block: string, from: number, end: number): void {
    const separator = this.#separator.charCodeAt(0);
    let at = from;
    for (let index = 0; index < this.#columnCount; index++) {
      let until = at;
      while (until < end && block.charCodeAt(until) !== separator) {
        until += 1;
      }
      this.#cells[index] = at < until ? readNumberAt(block, at, until) : undefined;
      at = until + 1;
    }
  }
}

/** A cell, in quotes in which it may hold separators and doubled quotes, or without. */
const CELLS: Readonly<Record<string, RegExp>> = {
  ",": /(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g,
  ";": /(?:^|;)\s*(?:"((?:[^"]|"")*)"|([^;]*))/g,
  "\t": /(?:^|\t)(?:"((?:[^"]|"")*)"|([^\t]*))/g,
};

function splitRow(line: string, separator: string): string[] {
  const pattern = CELLS[separator];
  if (pattern === undefined || !line.includes('"')) {
    return line.split(separator);
  }
  return Array.from(line.matchAll(pattern), ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}
