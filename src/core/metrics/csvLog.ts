import { findAxis, isAxisName, LineSplitter, type MetricLog, readNumber } from "./metricLog.ts";
import { SeriesTable } from "./series.ts";

/**
 * Reads a CSV log that grows by rows: Lightning's `metrics.csv`, Keras' CSVLogger, Ultralytics' `results.csv`, timm's
 * `summary.csv`. A cell that is empty or no number is left out. A header that is written anew is a new file.
 */
export class CsvLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #lines = new LineSplitter();
  readonly #prefix: string;
  #columns: readonly string[] | undefined;
  #axis = -1;
  #time = -1;
  #row = 0;

  /** `prefix` stands before every tag, where several files of a run have the same columns. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      if (line.trim() !== "") {
        this.#takeLine(splitRow(line));
      }
    }
  }

  #takeLine(cells: readonly string[]): void {
    if (this.#columns === undefined) {
      this.#columns = cells.map((cell) => cell.trim());
      this.#axis = this.#columns.indexOf(findAxis(this.#columns) ?? "");
      this.#time = this.#columns.findIndex((name) => /^(?:wall_time|_timestamp|timestamp)$/i.test(name));
      return;
    }
    this.#row += 1;
    const counted = this.#axis < 0 ? this.#row : readNumber(cells[this.#axis] ?? "");
    const step = counted ?? this.#row;
    const timeMs = (readNumber(cells[this.#time] ?? "") ?? Number.NaN) * 1000;
    for (const [index, name] of this.#columns.entries()) {
      const value = isAxisName(name) ? undefined : readNumber(cells[index] ?? "");
      if (value !== undefined && name !== "") {
        this.table.add({ tag: this.#prefix + name, step, timeMs, value });
      }
    }
  }
}

/** The cells of a row; a quoted cell may hold commas and doubled quotes. */
function splitRow(line: string): string[] {
  if (!line.includes('"')) {
    return line.split(line.includes(",") ? "," : /[\t;]/);
  }
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
}
