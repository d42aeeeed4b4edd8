import { parseConsoleLine } from "../metrics/consoleLine.ts";
import type { MetricReader, ScalarSink } from "../metrics/metricReader.ts";
import { createLogReader, type LogLine, SUPERVISOR_PREFIX } from "../training/runLog.ts";

/** Reads the metrics that a training printed out of the log of its run, see runLog.ts. */
export class ConsoleLogReader implements MetricReader {
  readonly damaged = 0;
  readonly #sink: ScalarSink;
  readonly #lines = createLogReader();
  #step: number | undefined;
  #epoch = 0;
  #rows = 0;

  constructor(sink: ScalarSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      this.#readLine(line);
    }
  }

  #readLine({ text, time }: LogLine): void {
    const reading = text.startsWith(SUPERVISOR_PREFIX) ? undefined : parseConsoleLine(text);
    if (reading === undefined || reading.subject === "side") {
      return;
    }
    this.#epoch = reading.epoch ?? this.#epoch;
    // A bar counts the steps of its epoch again and again; only a count that goes on is the step of the training.
    const isWithinEpoch = reading.epoch !== undefined && reading.step !== undefined && reading.steps !== undefined;
    this.#step = isWithinEpoch ? undefined : (reading.step ?? this.#step);
    const withinEpoch = isWithinEpoch && reading.steps ? (reading.step ?? 0) / reading.steps : 0;
    const step = this.#step ?? (this.#epoch > 0 ? this.#epoch + withinEpoch : this.#rows);
    const wallTime = time === undefined ? Number.NaN : Date.parse(time) / 1000;
    for (const [tag, value] of Object.entries(reading.metrics)) {
      this.#sink.scalar(tag, step, wallTime, value);
      this.#rows++;
    }
  }
}
