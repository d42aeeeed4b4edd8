import { TextLines } from "./lineBlocks.ts";
import { readNumber } from "./loggedNumber.ts";
import type { MetricLog } from "./metricLog.ts";
import { SeriesTable } from "./seriesTable.ts";

/** Reads one metric of MLflow's file store, a line for each value: `<milliseconds> <value> <step>`, and maybe a data set. */
export class MlflowMetricLog implements MetricLog {
  readonly table = new SeriesTable();
  readonly #lines = new TextLines();
  readonly #tag: string;

  constructor(tag: string) {
    this.#tag = tag;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      const [time = "", text = "", step = ""] = line.trim().split(" ");
      const [timeMs, value] = [readNumber(time), readNumber(text)];
      const series = this.table.open(this.#tag);
      if (timeMs !== undefined && value !== undefined && series !== undefined) {
        this.table.add(series, readNumber(step) ?? 0, timeMs, value);
      }
    }
  }
}
