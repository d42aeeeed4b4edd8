import { parseConsoleLine } from "./consoleLine.ts";
import { SeriesTable } from "./seriesTable.ts";

/** A line with more numbers is a table or data, not the state of a training. */
const MAX_METRICS_PER_LINE = 40;

/** Collects curves from what a training prints. One line after the other, with the time at which it was printed. */
export class ConsoleLog {
  readonly table = new SeriesTable();
  #lastStep = 0;

  addLine(text: string, timeMs: number): void {
    const reading = parseConsoleLine(text);
    if (reading === undefined || reading.subject === "side") {
      return;
    }
    const { epoch, step, steps, metrics } = reading;
    // A counter that begins anew each epoch goes on where the epoch before ended.
    const passed = epoch !== undefined && steps !== undefined && Number.isInteger(epoch) ? (epoch - 1) * steps : 0;
    const at = step === undefined ? (this.#lastStep === 0 ? (epoch ?? 0) : this.#lastStep) : Math.max(0, passed) + step;
    if (step !== undefined) {
      this.#lastStep = at;
    }
    for (const [tag, value] of Object.entries(metrics).slice(0, MAX_METRICS_PER_LINE)) {
      const series = this.table.open(tag);
      if (series !== undefined) {
        this.table.add(series, at, timeMs, value);
      }
    }
  }
}
