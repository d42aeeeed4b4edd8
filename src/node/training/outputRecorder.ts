import type { Readable } from "node:stream";
import { type ConsoleReading, parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import { createFailureWatch } from "../../core/training/failureLine.ts";
import { type OutputSegment, OutputSplitter } from "../../core/training/outputSplitter.ts";
import { createProgressTracker } from "../../core/training/runProgress.ts";
import type { FailureLine, RunProgress, WorkerRestarts } from "../../core/training/runRecord.ts";
import { type LoggedValue, placeOf } from "../../core/training/watchdog/loggedValue.ts";
import type { Watchdog } from "../../core/training/watchdog/watchdog.ts";
import { RestartWatch } from "../../core/training/workerRestarts.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import type { LogWriter } from "./logWriter.ts";

/** Draining the pipe comes first: of a program that prints without end only this many lines a second are understood. */
const MAX_PARSED_LINES_PER_SECOND = 1_000;
/** Of the lines that were not, the last ones are understood later, so that the progress is that of the end. */
const MAX_PASSED_OVER = 32;

type Utf8Decoder = InstanceType<typeof TextDecoder>;

type Channel = { splitter: OutputSplitter; decoder: Utf8Decoder };

/**
 * Everything a training prints goes through here: into the log, into the progress, and past the watch for errors; and what it
 * logs while it prints no losses.
 */
export class OutputRecorder {
  readonly #log: LogWriter;
  readonly #channels: Channel[] = [];
  readonly #progress = createProgressTracker();
  #failure = createFailureWatch();
  #failureBefore = this.#failure;
  #parsedLines = 0;
  #parsedSinceMs = 0;
  #hasNewProgress = false;
  #lossAtMs: number | undefined;
  #hasPrintedCounts = false;
  /** The last lines since the last flush that were not parsed. */
  #passedOver: string[] = [];
  readonly #watchdog: Watchdog;
  readonly #restarts: RestartWatch;

  constructor(log: LogWriter, watchdog: Watchdog, earlierRestarts?: WorkerRestarts) {
    this.#log = log;
    this.#watchdog = watchdog;
    this.#restarts = new RestartWatch(earlierRestarts);
  }

  /** Standard output and error are recorded apart, so that a bar on one does not swallow a line of the other. */
  record(stream: Readable): void {
    const channel: Channel = {
      splitter: new OutputSplitter(),
      decoder: new TextDecoder("utf-8", { ignoreBOM: true }),
    };
    this.#channels.push(channel);
    stream.on("data", (bytes: Buffer) => {
      this.#take(channel.splitter.push(channel.decoder.decode(bytes, { stream: true }), Date.now()));
    });
    // The pipe of a killed program may report an error; its end is told by the exit of the program.
    stream.on("error", () => undefined);
  }

  /** To be called a few times a second. */
  flush(): void {
    for (const { splitter } of this.#channels) {
      this.#take(splitter.flush(Date.now()));
    }
    this.#parsePassedOver();
  }

  end(): void {
    for (const { splitter, decoder } of this.#channels) {
      this.#take(splitter.push(decoder.decode(), Date.now()));
      this.#take(splitter.end(Date.now()));
    }
    this.#channels.length = 0;
    this.#parsePassedOver();
  }

  get progress(): RunProgress | undefined {
    return this.#progress.current(Date.now());
  }

  get explanation(): FailureLine | undefined {
    return this.#failure.explanation;
  }

  get restarts(): WorkerRestarts | undefined {
    return this.#restarts.restarts;
  }

  /** When a loss was printed last, by the monotonic clock; undefined before the first. */
  get lossAtMs(): number | undefined {
    return this.#lossAtMs;
  }

  /** Takes what was added to the metric files. How far the training is they tell only where nothing printed does. */
  addLogged(values: readonly LoggedValue[]): void {
    const atMs = Date.now();
    const hasAlarm = this.#watchdog.observe({ kind: "logged", atMs, values });
    const last = values.at(-1);
    if (last === undefined || this.#lossAtMs !== undefined) {
      this.#hasNewProgress ||= hasAlarm;
      return;
    }
    const counts = this.#hasPrintedCounts ? {} : { [last.axis]: last.step };
    const metrics = Object.fromEntries(values.map((each) => [placeOf(each).name, each.value]));
    const hasProgress = this.#progress.add({ subject: "training", ...counts, metrics }, atMs);
    this.#hasNewProgress ||= hasAlarm || hasProgress;
  }

  /** True once after each change of the progress. */
  takeNewProgress(): boolean {
    const hadNew = this.#hasNewProgress;
    this.#hasNewProgress = false;
    return hadNew;
  }

  #take(segments: readonly OutputSegment[]): void {
    for (const segment of segments) {
      const lineNumber = this.#log.append(segment);
      if (segment.end === "newline") {
        this.#followRestarts(this.#restarts.push(segment.text, lineNumber));
        this.#failure.push(segment.text, lineNumber);
      }
      const reading = this.#mayParse() ? this.#parse(segment.text) : this.#passOver(segment.text);
      const atMs = Date.now();
      const hasAlarm = this.#watchdog.observe({ kind: "line", atMs, line: lineNumber, text: segment.text, reading });
      const hasProgress = reading !== undefined && this.#addPrinted(reading, atMs);
      if (hasAlarm || hasProgress) {
        this.#hasNewProgress = true;
      }
    }
  }

  #addPrinted(reading: ConsoleReading, atMs: number): boolean {
    if (reading.subject === "training") {
      this.#hasPrintedCounts ||= reading.epoch !== undefined || reading.step !== undefined;
      this.#lossAtMs = Object.keys(reading.metrics).some((name) => name.includes("loss"))
        ? monotonicMs()
        : this.#lossAtMs;
    }
    return this.#progress.add(reading, atMs);
  }

  #parse(text: string): ConsoleReading | undefined {
    this.#passedOver = [];
    return parseConsoleLine(text);
  }

  #passOver(text: string): undefined {
    this.#passedOver.push(text);
    if (this.#passedOver.length > MAX_PASSED_OVER) {
      this.#passedOver.shift();
    }
  }

  #parsePassedOver(): void {
    const atMs = Date.now();
    for (const text of this.#passedOver.splice(0)) {
      const reading = parseConsoleLine(text);
      this.#hasNewProgress = (reading !== undefined && this.#addPrinted(reading, atMs)) || this.#hasNewProgress;
    }
  }

  /** What the training survived does not explain its end. */
  #followRestarts(change: ReturnType<RestartWatch["push"]>): void {
    if (change === "restart") {
      this.#failureBefore = this.#failure;
      this.#failure = createFailureWatch();
    } else if (change === "no-restart") {
      this.#failure = this.#failureBefore;
    }
    this.#hasNewProgress ||= change !== undefined;
  }

  #mayParse(): boolean {
    const nowMs = Date.now();
    if (nowMs - this.#parsedSinceMs >= 1_000) {
      this.#parsedSinceMs = nowMs;
      this.#parsedLines = 0;
    }
    this.#parsedLines += 1;
    return this.#parsedLines <= MAX_PARSED_LINES_PER_SECOND;
  }
}
