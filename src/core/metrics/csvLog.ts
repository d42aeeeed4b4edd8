import { readNumberAt } from "./loggedNumber.ts";
import { findAxis, isAxisName, type MetricLog } from "./metricLog.ts";
import type { GrowingSeries } from "./series.ts";
import { SeriesTable } from "./seriesTable.ts";
import { TextBlocks } from "./textBlocks.ts";

type CsvColumn = { tag: string; isMetric: boolean; series: GrowingSeries | undefined };

const TIME_NAME = /^(?:wall_time|_timestamp|timestamp)$/i;

/**
 * Reads a CSV log that grows by rows: Lightning's `metrics.csv`, Keras' CSVLogger, Ultralytics' `results.csv`, timm's
 * `summary.csv`. A cell that is empty or no number is left out. A header that is written anew is a new file.
 */
export class CsvLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #blocks = new TextBlocks();
  readonly #prefix: string;
  #columns: readonly CsvColumn[] | undefined;
  /** The numbers of one row. */
  #cells: (number | undefined)[] = [];
  #separator = ",";
  #axis = -1;
  #time = -1;
  #row = 0;

  /** `prefix` stands before every tag, where several files of a run have the same columns. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  get problem(): string | undefined {
    return this.table.problem;
  }

  push(bytes: Uint8Array): void {
    const block = this.#blocks.push(bytes);
    const hasQuotes = block.includes('"');
    for (let at = 0; at < block.length; ) {
      const end = block.indexOf("\n", at);
      this.#takeLine(block, at, end, hasQuotes);
      at = end + 1;
    }
  }

  #takeLine(block: string, from: number, end: number, hasQuotes: boolean): void {
    const columns = this.#columns;
    if (columns === undefined) {
      const line = block.slice(from, end);
      if (line.trim() !== "") {
        this.#takeHeader(line);
      }
    } else if (hasQuotes && block.slice(from, end).includes('"')) {
      const cells = splitRow(block.slice(from, end), this.#separator);
      this.#cells = columns.map((_, index) => readNumberAt(cells[index] ?? "", 0, cells[index]?.length ?? 0));
      this.#takeRow(columns);
    } else if (end > from && (end > from + 1 || block[from] !== "\r")) {
      this.#readCells(block, from, end, columns.length);
      this.#takeRow(columns);
    }
  }

  #takeHeader(line: string): void {
    this.#separator = [",", "\t", ";"].find((each) => line.includes(each)) ?? ",";
    const names = splitRow(line, this.#separator).map((cell) => cell.trim());
    this.#axis = names.indexOf(findAxis(names) ?? "");
    this.#time = names.findIndex((name) => TIME_NAME.test(name));
    this.#columns = names.map((name) => ({
      tag: this.#prefix + name,
      isMetric: name !== "" && !isAxisName(name),
      series: undefined,
    }));
  }

  #readCells(block: string, from: number, end: number, count: number): void {
    const separator = this.#separator.charCodeAt(0);
    let at = from;
    for (let index = 0; index < count; index++) {
      let until = at;
      while (until < end && block.charCodeAt(until) !== separator) {
        until += 1;
      }
      this.#cells[index] = at < until ? readNumberAt(block, at, until) : undefined;
      at = until + 1;
    }
  }

  #takeRow(columns: readonly CsvColumn[]): void {
    this.#row += 1;
    const step = this.#cells[this.#axis] ?? this.#row;
    const timeMs = (this.#cells[this.#time] ?? Number.NaN) * 1000;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      const value = this.#cells[index];
      if (value === undefined || column?.isMetric !== true) {
        continue;
      }
      column.series ??= this.table.open(column.tag);
      if (column.series !== undefined) {
        this.table.add(column.series, step, timeMs, value);
      }
    }
  }
}

/** The cells of a row; a quoted cell may hold separators and doubled quotes. */
function splitRow(line: string, separator: string): string[] {
  if (!line.includes('"')) {
    return line.split(separator);
  }
  const cells = line.matchAll(
    separator === ","
      ? /(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g
      : separator === ";"
        ? /(?:^|;)\s*(?:"((?:[^"]|"")*)"|([^;]*))/g
        : /(?:^|\t)(?:"((?:[^"]|"")*)"|([^\t]*))/g,
  );
  return [...cells].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}
