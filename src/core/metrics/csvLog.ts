import { type CsvRow, CsvRows } from "./csvRows.ts";
import { findLongColumns, longTag } from "./longTable.ts";
import { countsWholeTraining, findAxis, isAxisName, isEpochBeside, type MetricLog } from "./metricLog.ts";
import type { GrowingSeries } from "./series.ts";
import { SeriesTable } from "./seriesTable.ts";
import { Utf8Pieces } from "./utf8Pieces.ts";

/** The columns of a long table, by their places. */
type LongPlaces = { metric: number; value: number; run: number };

type CsvColumn = { tag: string; isMetric: boolean; series: GrowingSeries | undefined };

/** TensorBoard's download of a curve has `Wall time`. */
const TIME_NAME = /^(?:wall[_ ]time|_timestamp|timestamp)$/i;

/**
 * Reads a CSV log that grows by rows: Lightning's `metrics.csv`, Keras' CSVLogger, Ultralytics' `results.csv`, timm's
 * `summary.csv`; and a long table, whose rows name their metric. A cell that is empty or no number is left out. A header that is written anew is a new file.
 */
export class CsvLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #rows = new CsvRows({
    header: (names) => this.#takeHeader(names),
    row: (row) => this.#takeRow(row),
    needsTexts: (names) => findLongColumns(names) !== undefined,
  });
  readonly #text = new Utf8Pieces();
  readonly #prefix: string;
  #columns: readonly CsvColumn[] = [];
  #long: LongPlaces | undefined;
  axis: string | undefined;
  #axis = -1;
  #time = -1;
  #epoch = -1;
  #count = 0;

  /** `prefix` stands before every tag, where several files of a run have the same columns. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  get problem(): string | undefined {
    return this.table.problem;
  }

  push(bytes: Uint8Array): void {
    this.#rows.push(this.#text.push(bytes));
  }

  /** Of a number that is still written, nobody sees that digits are missing; a program that writes in blocks leaves one for minutes. */
  takeLast(isSettled: boolean): boolean {
    const isWhole = isSettled && this.#rows.isLastFull;
    if (isWhole) {
      this.#rows.end();
    }
    return isWhole;
  }

  #takeHeader(names: readonly string[]): void {
    this.axis = findAxis(names);
    this.#axis = names.indexOf(this.axis ?? "");
    this.#time = names.findIndex((name) => TIME_NAME.test(name));
    this.#epoch = names.findIndex((name) => isEpochBeside(name, this.axis));
    this.#columns = names.map((name) => ({
      tag: this.#prefix + name,
      isMetric: name !== "" && !isAxisName(name),
      series: undefined,
    }));
    const long = findLongColumns(names);
    this.#long = long && {
      metric: names.indexOf(long.metric),
      value: names.indexOf(long.value),
      run: names.indexOf(long.run ?? ""),
    };
  }

  #takeRow(row: CsvRow): void {
    const { values, isNumber, length } = row;
    this.#count += 1;
    const step = isNumber[this.#axis] === 1 ? (values[this.#axis] ?? 0) : this.#count;
    const timeMs = isNumber[this.#time] === 1 ? (values[this.#time] ?? 0) * 1000 : Number.NaN;
    const epoch = isNumber[this.#epoch] === 1 ? values[this.#epoch] : undefined;
    if (this.#long !== undefined) {
      this.#takeLong(row, this.#long, { step, timeMs });
      return;
    }
    for (let index = 0; index < length; index++) {
      const column = this.#columns[index];
      if (isNumber[index] !== 1 || column?.isMetric !== true) {
        continue;
      }
      column.series ??= this.#open(column.tag);
      if (column.series !== undefined) {
        column.series.epoch = epoch ?? column.series.epoch;
        this.table.add(column.series, step, timeMs, values[index] ?? 0);
      }
    }
  }

  #takeLong(
    { values, isNumber, texts }: CsvRow,
    long: LongPlaces,
    { step, timeMs }: { step: number; timeMs: number },
  ): void {
    const [metric = "", run] = [texts[long.metric]?.trim(), texts[long.run]?.trim()];
    const series =
      metric === "" || isNumber[long.value] !== 1 ? undefined : this.#open(this.#prefix + longTag(run, metric));
    if (series !== undefined) {
      this.table.add(series, step, timeMs, values[long.value] ?? 0);
    }
  }

  #open(tag: string): GrowingSeries | undefined {
    const series = this.table.open(tag);
    if (countsWholeTraining(this.axis)) {
      series?.countWholeTraining();
    }
    return series;
  }
}
