import { type ConsoleReading, MAX_LINE_LENGTH, parseConsoleLine } from "./consoleLine.ts";
import { withoutValues } from "./consoleMetrics.ts";
import { BaselinesTable, type TableReading, UltralyticsTables } from "./consoleTables.ts";
import { cleanConsoleLine } from "./consoleText.ts";
import { SeriesTable } from "./seriesTable.ts";

/** A line with more numbers is a table or data, not the state of a training. */
const MAX_METRICS_PER_LINE = 40;
/** More bars than a training has at once; of those that are over nothing must be known. */
const MAX_BARS = 1_000;
/** A whole state of a bar: tqdm's ends with its bracket, Keras' has the bar, or only the time, between the count and the values. */
const BAR = /^(?<description>.*?)(?:\d+%\|.*\]\s*$|\d+\/\d+ (?:━|\[[=>.]+\]|- \d+m?s - ))/u;
/** Keras goes back over what it wrote before it paints over it. */
const WAY_BACK = /[\b]+$/;

/** A bar that begins anew: how far it was, and what those before it came to. */
type Bar = { step: number; passed: number; hasEnded: boolean };

/** Collects curves from what a training prints. One line after the other, with the time at which it was printed. */
export class ConsoleLog {
  readonly table = new SeriesTable();
  /** By what stands before them, without the values that change there, and how far they count. What was painted last is last. */
  readonly #bars = new Map<string, Bar>();
  readonly #tables = [new BaselinesTable(), new UltralyticsTables()];
  #lastStep = 0;
  /** Whether that is a step of the training since it last began anew. */
  #isLastStepTold = false;
  #firstEpoch = 1;

  /** The training begins anew, from a step that the next lines tell; its bars begin anew as well. */
  noteRestart(): void {
    this.table.noteRestart();
    this.#bars.clear();
    this.#isLastStepTold = false;
  }

  /** `isPaintedOver`: what came next was written over this line, which may be torn, but where it is a bar. */
  addLine(line: string, timeMs: number, isPaintedOver = false): void {
    if (line.length <= MAX_LINE_LENGTH && !this.#addToTable(line, timeMs, isPaintedOver)) {
      this.#addPlain(line, timeMs, isPaintedOver);
    }
  }

  /** Whether the line was part of a table. */
  #addToTable(line: string, timeMs: number, isPaintedOver: boolean): boolean {
    const text = cleanConsoleLine(line).trimEnd();
    for (const table of this.#tables) {
      const result = table.take(text);
      if (result.kind === "values") {
        this.#addReading(result.reading, timeMs);
      } else if (result.kind === "lines") {
        result.lines.forEach((each) => this.#addPlain(each, timeMs, isPaintedOver));
      }
      if (result.kind !== "none") {
        return true;
      }
    }
    return false;
  }

  #addReading({ step, metrics }: TableReading, timeMs: number): void {
    if (step !== undefined) {
      this.#takeStep(step);
    }
    for (const [tag, value] of Object.entries(metrics)) {
      const series = this.table.open(tag);
      if (series !== undefined) {
        series.isStepTold = this.#isLastStepTold;
        this.table.add(series, this.#lastStep, timeMs, value);
      }
    }
  }

  #takeStep(step: number): void {
    this.#lastStep = step;
    this.#isLastStepTold = true;
  }

  #addPlain(line: string, timeMs: number, isPaintedOver: boolean): void {
    const text = isPaintedOver ? line.replace(WAY_BACK, "") : line;
    const reading = parseConsoleLine(text);
    if (reading === undefined || reading.subject === "side") {
      return;
    }
    const bar = isPaintedOver || reading.steps !== undefined ? BAR.exec(cleanConsoleLine(text)) : null;
    if (isPaintedOver && (bar === null || Object.keys(reading.metrics).length === 0)) {
      return;
    }
    const { epoch, step, metrics } = reading;
    const passed = this.#passed(reading, bar?.groups?.["description"], isPaintedOver);
    const ownStep = step === undefined ? (this.#lastStep === 0 ? epoch : undefined) : passed + step;
    const at = ownStep ?? this.#lastStep;
    if (step !== undefined && !isPaintedOver) {
      this.#takeStep(at);
    }
    const isStepTold = ownStep !== undefined || this.#isLastStepTold;
    for (const [tag, value] of Object.entries(metrics).slice(0, MAX_METRICS_PER_LINE)) {
      const series = this.table.open(tag);
      // The last state of a bar is painted twice.
      const isRepeated = bar !== null && series?.steps.at(-1) === at && Object.is(series.values.at(-1), value);
      if (series !== undefined && !isRepeated) {
        series.isStepTold = isStepTold;
        this.table.add(series, at, timeMs, value);
      }
    }
  }

  /** The steps of the epochs before, for a counter that begins anew each epoch. */
  #passed({ epoch, step, steps }: ConsoleReading, description: string | undefined, isPaintedOver: boolean): number {
    if (steps === undefined || step === undefined) {
      return 0;
    }
    if (epoch !== undefined) {
      // Lightning counts its epochs from 0, most others from 1.
      this.#firstEpoch = epoch === 0 ? 0 : this.#firstEpoch;
      return Number.isInteger(epoch) ? Math.max(0, epoch - this.#firstEpoch) * steps : 0;
    }
    if (description === undefined) {
      return 0;
    }
    const bar = this.#barOf(`${steps} ${withoutValues(description)}`);
    bar.passed += bar.hasEnded || step < bar.step ? steps : 0;
    bar.step = step;
    bar.hasEnded = step === steps && !isPaintedOver;
    return bar.passed;
  }

  #barOf(key: string): Bar {
    const bar = this.#bars.get(key) ?? { step: 0, passed: 0, hasEnded: false };
    this.#bars.delete(key);
    this.#bars.set(key, bar);
    const [oldest = key] = this.#bars.keys();
    if (this.#bars.size > MAX_BARS) {
      this.#bars.delete(oldest);
    }
    return bar;
  }
}
