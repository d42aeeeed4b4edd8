import type { Readable } from "node:stream";
import { type ConsoleReading, parseConsoleLine } from "../../core/metrics/consoleLine.ts";
import type { EvidenceLine } from "../../core/training/diagnosis/diagnosis.ts";
import { type OutputSegment, OutputSplitter } from "../../core/training/outputSplitter.ts";
import { OutputTail } from "../../core/training/outputTail.ts";
import { createProgressTracker, type ProgressTracker } from "../../core/training/runProgress.ts";
import type { RunProgress, RunStatus, WorkerRestarts } from "../../core/training/runRecord.ts";
import { type LoggedValue, placeOf } from "../../core/training/watchdog/loggedValue.ts";
import type { Watchdog } from "../../core/training/watchdog/watchdog.ts";
import { RestartWatch } from "../../core/training/workerRestarts.ts";
import { AwakeClock, monotonicMs } from "../base/monotonicClock.ts";
import type { LogWriter } from "./logWriter.ts";
import { type PassedLine, PassedLines } from "./passedLines.ts";

/** Draining the pipe comes first: of a program that prints without end only this many lines a second are understood at once. */
const MAX_PARSED_LINES_PER_SECOND = 1_000;

type Utf8Decoder = InstanceType<typeof TextDecoder>;

type Channel = { splitter: OutputSplitter; decoder: Utf8Decoder };

/**
 * Everything a training prints goes through here: into the log, into the progress, and past the watch for errors; and what it
 * logs while it prints no losses.
 */
export class OutputRecorder {
  readonly #log: LogWriter;
  readonly #channels: Channel[] = [];
  readonly #progress: ProgressTracker;
  readonly #clock = new AwakeClock();
  readonly #tail = new OutputTail();
  #parsedLines = 0;
  #parsedSinceMs = Number.NEGATIVE_INFINITY;
  #hasNewProgress = false;
  #hasRemark = false;
  #lossAtMs: number | undefined;
  #progressLines = 0;
  #hasPrintedCounts = false;
  readonly #passedOver = new PassedLines();
  readonly #watchdog: Watchdog;
  readonly #restarts: RestartWatch;

  /** `earlier`: what an owner that was killed had read of the same output. */
  constructor(log: LogWriter, watchdog: Watchdog, earlier?: Pick<RunStatus, "progress" | "restarts">) {
    this.#log = log;
    this.#watchdog = watchdog;
    this.#progress = createProgressTracker(earlier?.progress);
    this.#restarts = new RestartWatch(earlier?.restarts);
  }

  /** Standard output and error are recorded apart, so that a bar on one does not swallow a line of the other. */
  record(stream: Readable): void {
    const channel: Channel = {
      splitter: new OutputSplitter(),
      decoder: new TextDecoder("utf-8", { ignoreBOM: true }),
    };
    this.#channels.push(channel);
    stream.on("data", (bytes: Buffer) => {
      this.#take(channel.splitter.push(channel.decoder.decode(bytes, { stream: true }), this.#clock.nowMs()));
    });
    // The pipe of a killed program may report an error; its end is told by the exit of the program.
    stream.on("error", () => undefined);
  }

  /** To be called a few times a second. */
  flush(): void {
    const nowMs = this.#clock.nowMs();
    for (const { splitter } of this.#channels) {
      this.#take(splitter.flush(nowMs));
    }
    this.#parsePassedOver();
  }

  /** `isWell`: the command ended with exit code 0. */
  end({ isWell }: { isWell: boolean }): void {
    const nowMs = this.#clock.nowMs();
    for (const { splitter, decoder } of this.#channels) {
      this.#take(splitter.push(decoder.decode(), nowMs));
      this.#take(splitter.end(nowMs));
    }
    this.#channels.length = 0;
    this.#parsePassedOver();
    if (isWell) {
      this.#restarts.endWell();
    }
  }

  get progress(): RunProgress | undefined {
    return this.#progress.current(this.#clock.nowMs(), new Date());
  }

  /** The last lines, numbered as in the log. */
  get tail(): readonly EvidenceLine[] {
    return this.#tail.lines;
  }

  get restarts(): WorkerRestarts | undefined {
    return this.#restarts.restarts;
  }

  /** When a loss was printed last, by the monotonic clock; undefined before the first. */
  get lossAtMs(): number | undefined {
    return this.#lossAtMs;
  }

  /** How many lines were printed that name an epoch or a loss. */
  get progressLines(): number {
    return this.#progressLines;
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
    const hasProgress = this.#progress.add({ subject: "training", ...counts, metrics }, this.#clock.nowMs());
    this.#hasNewProgress ||= hasAlarm || hasProgress;
  }

  /** True once after each change of the progress. */
  takeNewProgress(): boolean {
    const hadNew = this.#hasNewProgress;
    this.#hasNewProgress = false;
    return hadNew;
  }

  /** True once after something was printed that is no progress of the training. */
  takeRemark(): boolean {
    const hadRemark = this.#hasRemark;
    this.#hasRemark = false;
    return hadRemark;
  }

  #take(segments: readonly OutputSegment[]): void {
    for (const segment of segments) {
      const lineNumber = this.#log.append(segment);
      this.#tail.push(segment.text, lineNumber);
      if (segment.end === "newline") {
        this.#hasNewProgress = this.#restarts.push(segment.text, lineNumber) !== undefined || this.#hasNewProgress;
      }
      const line = { text: segment.text, line: lineNumber };
      if (this.#mayParse()) {
        this.#parsePassedOver();
        const reading = parseConsoleLine(line.text);
        this.#hasRemark ||= reading?.subject !== "training";
        this.#observe(line, reading);
      } else {
        this.#passedOver.add(line);
        this.#observe(line, undefined);
      }
    }
  }

  #observe(line: PassedLine, reading: ConsoleReading | undefined): void {
    const atMs = Date.now();
    const hasAlarm = this.#watchdog.observe({ kind: "line", atMs, ...line, reading });
    const hasProgress = reading !== undefined && this.#addPrinted(reading);
    this.#hasNewProgress ||= hasAlarm || hasProgress;
  }

  #addPrinted(reading: ConsoleReading): boolean {
    if (reading.subject === "training") {
      this.#hasPrintedCounts ||= reading.epoch !== undefined || reading.step !== undefined;
      const hasLoss = Object.keys(reading.metrics).some((name) => name.includes("loss"));
      this.#lossAtMs = hasLoss ? monotonicMs() : this.#lossAtMs;
      this.#progressLines += hasLoss || reading.epoch !== undefined ? 1 : 0;
    }
    return this.#progress.add(reading, this.#clock.nowMs());
  }

  #parsePassedOver(): void {
    for (const line of this.#passedOver.take()) {
      const reading = parseConsoleLine(line.text);
      if (reading !== undefined) {
        this.#observe(line, reading);
      }
    }
  }

  #mayParse(): boolean {
    const nowMs = monotonicMs();
    if (nowMs - this.#parsedSinceMs >= 1_000) {
      this.#parsedSinceMs = nowMs;
      this.#parsedLines = 0;
    }
    this.#parsedLines += 1;
    return this.#parsedLines <= MAX_PARSED_LINES_PER_SECOND;
  }
}
