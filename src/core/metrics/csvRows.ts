import { splitCells } from "../base/splitCells.ts";
import { readDecimal } from "./decimalBytes.ts";
import { LineBlocks } from "./lineBlocks.ts";
import { readNumber } from "./loggedNumber.ts";

/** A row of a table; the same arrays are used again for the next one. */
export type CsvRow = {
  readonly values: Float64Array;
  /** 1 where the cell holds a number, NaN included; else its value means nothing. */
  readonly isNumber: Uint8Array;
  /** How many cells it has, at most as many as the header; behind them there is no number. */
  length: number;
  /** The cells as they are written, where the taker asked for them. */
  texts: readonly string[];
};

/** What takes the table: its columns once, and then row by row the numbers in them. */
export type CsvTaker = {
  header(names: readonly string[]): void;
  /** `line` counts from one, the header included. */
  row(row: CsvRow, line: number): void;
  /** Whether it needs the texts of the cells, which cost several times as much as their numbers. */
  needsTexts?(names: readonly string[]): boolean;
};

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;

/**
 * Reads the numbers of a table that grows by rows, as CSV loggers write it: a header, then values between commas, semicolons or
 * tabs. Numbers are read from the bytes: a log of a million rows has millions of them, and a text of each would cost most of the time.
 */
export class CsvRows {
  readonly #taker: CsvTaker;
  readonly #blocks = new LineBlocks();
  readonly #decoder = new TextDecoder();
  #row: CsvRow = { values: new Float64Array(0), isNumber: new Uint8Array(0), length: 0, texts: [] };
  #isTextWanted = false;
  #separator = ",";
  #separatorByte = 0;
  #line = 0;

  constructor(taker: CsvTaker) {
    this.#taker = taker;
  }

  push(bytes: Uint8Array): void {
    for (const block of this.#blocks.push(bytes)) {
      this.#takeBlock(block);
    }
  }

  /** Takes a last row that has no end. */
  end(): void {
    this.push(Uint8Array.of(LINE_FEED));
  }

  /** Whether the row whose end is still to come has as many cells as the header. */
  get isLastFull(): boolean {
    const { rest } = this.#blocks;
    const separators = rest.reduce((count, byte) => count + (byte === this.#separatorByte ? 1 : 0), 0);
    return rest.length > 0 && separators === this.#row.values.length - 1;
  }

  #takeBlock(block: Uint8Array): void {
    for (let at = 0; at < block.length; ) {
      this.#line += 1;
      const isText = this.#isTextWanted || this.#row.values.length === 0;
      const end = isText ? -1 : this.#takeNumbers(block, at);
      at = (end < 0 ? this.#takeText(block, at) : end) + 1;
    }
  }

  /** Takes the line that begins at `from`, of which a text is needed; gives its end. */
  #takeText(block: Uint8Array, from: number): number {
    const end = block.indexOf(LINE_FEED, from);
    const line = this.#decoder.decode(block.subarray(from, end));
    if (line.trim() === "") {
      return end;
    }
    if (this.#row.values.length === 0) {
      if (!isRemark(line)) {
        this.#takeHeader(line);
      }
    } else {
      const cells = splitCells(line, this.#separator);
      const length = Math.min(cells.length, this.#row.values.length);
      for (let index = 0; index < length; index++) {
        this.#set(index, cells[index] ?? "");
      }
      this.#row.texts = cells;
      this.#give(length);
    }
    return end;
  }

  #takeHeader(line: string): void {
    this.#separator = [",", "\t", ";"].find((each) => line.includes(each)) ?? ",";
    this.#separatorByte = this.#separator.charCodeAt(0);
    // `numpy.savetxt` makes a remark of it.
    const names = splitCells(line.replace(/^\s*#/, ""), this.#separator).map((cell) => cell.trim());
    const [values, isNumber] = [new Float64Array(names.length), new Uint8Array(names.length)];
    this.#row = { values, isNumber, length: 0, texts: [] };
    this.#isTextWanted = this.#taker.needsTexts?.(names) ?? false;
    this.#taker.header(names);
  }

  /** Takes the line that begins at `from`; gives its end, or -1 where a cell is in quotes. */
  #takeNumbers(block: Uint8Array, from: number): number {
    const begin = this.#afterBlanks(block, from);
    if (block[begin] === LINE_FEED) {
      return begin;
    }
    const columns = this.#row.values.length;
    let end = this.#takeCell(block, begin, 0);
    let length = 1;
    while (length < columns && end >= 0 && block[end] !== LINE_FEED) {
      end = this.#takeCell(block, end + 1, length);
      length += 1;
    }
    if (end < 0) {
      return end;
    }
    while (block[end] !== LINE_FEED) {
      end += 1;
    }
    this.#give(length);
    return end;
  }

  /** Gives the row of so many cells. What a longer one before it left behind them is forgotten; all columns would cost more than a short row has. */
  #give(length: number): void {
    if (length < this.#row.length) {
      this.#row.isNumber.fill(0, length, this.#row.length);
    }
    this.#row.length = length;
    this.#taker.row(this.#row, this.#line);
  }

  /** Takes the cell that begins at `from`; gives the place of what ends it, or -1 where it is in quotes. */
  #takeCell(block: Uint8Array, from: number, index: number): number {
    const end = readDecimal(block, from, this.#row.values, index);
    if (end > 0 && this.#isEnd(block, end)) {
      this.#row.isNumber[index] = 1;
      return end;
    }
    return this.#takePadded(block, from, index);
  }

  /** The same of a cell with blanks around it, the end of a line of Windows included, or without a plain number. */
  #takePadded(block: Uint8Array, from: number, index: number): number {
    const begin = this.#afterBlanks(block, from);
    const read = readDecimal(block, begin, this.#row.values, index);
    let end = this.#afterBlanks(block, read < 0 ? begin : read);
    if (this.#isEnd(block, end)) {
      this.#row.isNumber[index] = read < 0 ? 0 : 1;
      return end;
    }
    if (block[begin] === QUOTE) {
      return -1;
    }
    while (!this.#isEnd(block, end)) {
      end += 1;
    }
    this.#set(index, this.#decoder.decode(block.subarray(begin, end)));
    return end;
  }

  #set(index: number, cell: string): void {
    // Where semicolons part the cells, a comma is the decimal point: so write pandas with `decimal=","` and Excel in half of Europe.
    const value = readNumber(this.#separator === ";" ? cell.replace(",", ".") : cell);
    this.#row.isNumber[index] = value === undefined ? 0 : 1;
    this.#row.values[index] = value ?? 0;
  }

  #isEnd(block: Uint8Array, at: number): boolean {
    const byte = block[at];
    return byte === this.#separatorByte || byte === LINE_FEED;
  }

  #afterBlanks(block: Uint8Array, from: number): number {
    let at = from;
    while ((block[at] ?? 0) <= SPACE && !this.#isEnd(block, at)) {
      at += 1;
    }
    return at;
  }
}

/** A line above the header that is none: `#{"t_start": …}` of Stable-Baselines3's monitor, or words without a separator. */
function isRemark(line: string): boolean {
  return /^\s*#(?:\s*\{|[^,;\t]*$)/.test(line);
}
