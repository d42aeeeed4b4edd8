import { parseConsoleLine } from "../../metrics/consoleLine.ts";
import { cleanConsoleLine } from "../../metrics/consoleText.ts";
import { isExceptionLine, opensTraceback } from "./exceptionLine.ts";
import type { FailureCause } from "./failureCause.ts";
import { findCause, isEcho, isWarning } from "./failureSignatures.ts";

/** A line of the output, numbered from one as in the log. */
export type EvidenceLine = { line: number; text: string };

/** A line that speaks of a failure. */
export type Finding = EvidenceLine & {
  cause: FailureCause;
  isException: boolean;
  /** Tracebacks that Python says belong together have one number. */
  group: number;
  /** The process of a distributed training that printed it. */
  rank?: number;
  isEcho: boolean;
  isWarning: boolean;
  /** The last line of the person's own code above the exception: `File "train.py", line 88, in train_epoch`. */
  place?: EvidenceLine;
};

/** What the output of a training says about its end. */
export type Findings = {
  /** In the order of the output, without those that the training survived. */
  findings: readonly Finding[];
  /** From torchrun's last lines: the process that failed first. */
  firstFailure: { rank: number; exitCode?: number; lines: readonly EvidenceLine[] } | undefined;
  /** Where the loss became something else than a number and stayed so. */
  notANumber: EvidenceLine | undefined;
};

/** After this many lines of progress behind it, an error was caught: the training went on. */
const SURVIVED_AFTER = 3;
const MAX_TEXT_LENGTH = 1_000;
/** Of a program that prints errors without end, the first ones and the last ones tell everything. */
const MAX_FINDINGS = 2_000;
/** The message of an exception may go on over some lines. */
const MESSAGE_LINES = 8;

const CHAINED = /The above exception was the direct cause|During handling of the above exception|Original Traceback/;
const RANK = /^\[(?:rank|default)(\d+)\]:/;
// Metaflow takes the indentation away.
const FRAME = /^\s*File "(?<file>[^"]+)", line \d+, in /;
const LIBRARY =
  /site-packages|dist-packages|[/\\](?:bin|Scripts)[/\\]|[/\\]lib[/\\]python\d|<frozen |torch[/\\](?:nn|utils|distributed)[/\\]/;

/** Where a batch comes over from a data-loader worker: what breaks there is the worker that is gone, whatever it is called. */
const WORKER_CHANNEL = /torch[/\\]multiprocessing[/\\]reductions\.py|multiprocessing[/\\]resource_sharer\.py/;
const BROKEN_CHANNEL = /^(?:ConnectionResetError|ConnectionRefusedError|EOFError|BrokenPipeError|FileNotFoundError)\b/;

/**
 * Python's last words where the signal of the dead worker comes while it prints the traceback, which then ends at any frame:
 * that of the data loader is the first of the library that is printed.
 */
const LAST_WORDS = /^object type name: (?=\w+Error\b)/;
const DATA_LOADER = /torch[/\\]utils[/\\]data[/\\]/;

type Traceback = {
  isOpen: boolean;
  isIgnored: boolean;
  isInDataLoader: boolean;
  isInWorkerChannel: boolean;
  place: EvidenceLine | undefined;
};

/** Feeds on the lines of an output, in order. */
export class FindingReader {
  readonly #found: { finding: Finding; progressBefore: number }[] = [];
  readonly #tracebacks = new Map<number | undefined, Traceback>();
  readonly #launcher = new LauncherReport();
  #progress = 0;
  #group = 0;
  #isChained = false;
  #ignoresNext = false;
  #notANumber: EvidenceLine | undefined;

  push(raw: string, line: number): void {
    if (raw.trim() === "") {
      return;
    }
    const rankText = RANK.exec(raw)?.[1];
    const rank = rankText === undefined ? undefined : Number(rankText);
    const text = cleanConsoleLine(raw).slice(0, MAX_TEXT_LENGTH);
    this.#launcher.push(text, line);
    const traceback = this.#tracebackOf(rank);
    if (opensTraceback(text)) {
      this.#openTraceback(traceback);
    } else if (CHAINED.test(text)) {
      this.#isChained = true;
    } else if (text.startsWith("Exception ignored in")) {
      this.#ignoresNext = true;
    } else {
      this.#readLine({ text, line, rank, traceback });
    }
  }

  read(): Findings {
    const findings = this.#found
      .filter(({ progressBefore }) => this.#progress - progressBefore < SURVIVED_AFTER)
      .map(({ finding }) => finding);
    return { findings, firstFailure: this.#launcher.read(), notANumber: this.#notANumber };
  }

  #tracebackOf(rank: number | undefined): Traceback {
    const known = this.#tracebacks.get(rank);
    if (known !== undefined) {
      return known;
    }
    const fresh: Traceback = {
      isOpen: false,
      isIgnored: false,
      isInDataLoader: false,
      isInWorkerChannel: false,
      place: undefined,
    };
    this.#tracebacks.set(rank, fresh);
    return fresh;
  }

  #openTraceback(traceback: Traceback): void {
    traceback.isOpen = true;
    traceback.isIgnored = this.#ignoresNext;
    traceback.isInDataLoader = false;
    traceback.isInWorkerChannel = false;
    traceback.place = undefined;
    this.#ignoresNext = false;
    this.#group += this.#isChained ? 0 : 1;
    this.#isChained = false;
  }

  #readLine(read: { text: string; line: number; rank: number | undefined; traceback: Traceback }): void {
    const { text, line, traceback } = read;
    const file = FRAME.exec(text)?.groups?.["file"];
    if (file !== undefined) {
      traceback.isInDataLoader ||= DATA_LOADER.test(file);
      traceback.isInWorkerChannel ||= WORKER_CHANNEL.test(file);
      traceback.place = LIBRARY.test(file) && traceback.place ? traceback.place : { line, text: text.trim() };
      return;
    }
    if (traceback.isOpen && /^\s/.test(text)) {
      return;
    }
    const isException = isExceptionLine(text, traceback.isOpen);
    const cause = isWorkerGone(text, traceback) ? "data-loader-worker" : findCause(text.trim());
    if (traceback.isIgnored) {
      traceback.isIgnored = !isException;
    } else if (isException || cause !== undefined) {
      this.#note(read, isException, cause);
    } else if (!traceback.isOpen) {
      this.#noteProgress(text, line);
    }
    traceback.isOpen = false;
  }

  #note(
    { text, line, rank, traceback }: { text: string; line: number; rank: number | undefined; traceback: Traceback },
    isException: boolean,
    cause: FailureCause | undefined,
  ): void {
    const last = this.#found.at(-1)?.finding;
    const goesOn = last !== undefined && last.isException && last.rank === rank && line - last.line <= MESSAGE_LINES;
    if (!isException && goesOn && last.cause === "exception" && cause !== undefined) {
      last.cause = cause;
      return;
    }
    const finding: Finding = {
      line,
      text: text.trim(),
      cause: cause ?? "exception",
      isException,
      group: this.#group,
      isEcho: isEcho(text) && cause !== "data-loader-worker",
      isWarning: !isException && isWarning(text),
      ...(rank === undefined ? {} : { rank }),
      ...(isException && traceback.place !== undefined ? { place: traceback.place } : {}),
    };
    this.#found.push({ finding, progressBefore: this.#progress });
    if (this.#found.length > MAX_FINDINGS) {
      this.#found.splice(MAX_FINDINGS / 2, 1);
    }
  }

  #noteProgress(text: string, line: number): void {
    const reading = parseConsoleLine(text);
    if (reading === undefined || reading.subject === "side") {
      return;
    }
    this.#progress += 1;
    const losses = Object.entries(reading.metrics).filter(([name]) => /loss/.test(name) && !/best|min/.test(name));
    if (losses.some(([, value]) => !Number.isFinite(value))) {
      this.#notANumber ??= { line, text: text.trim() };
    } else if (losses.length > 0) {
      this.#notANumber = undefined;
    }
  }
}

function isWorkerGone(text: string, { isInDataLoader, isInWorkerChannel }: Traceback): boolean {
  const error = text.replace(LAST_WORDS, "");
  return (isInWorkerChannel || (isInDataLoader && error !== text)) && BROKEN_CHANNEL.test(error);
}

/*
 * torchrun ends with a block that names the process which failed first:
 *
 *   Root Cause (first observed failure):
 *   [0]:
 *     rank      : 1 (local_rank: 1)
 *     exitcode  : -9 (pid: 16713)
 *     traceback : Signal 9 (SIGKILL) received by PID 16713
 */
class LauncherReport {
  #isRootCause = false;
  #rank: number | undefined;
  #exitCode: number | undefined;
  #lines: EvidenceLine[] = [];

  push(text: string, line: number): void {
    if (text.includes("Root Cause (first observed failure)")) {
      this.#isRootCause = true;
      this.#lines = [];
    } else if (this.#isRootCause) {
      this.#read(text, line);
    }
  }

  #read(text: string, line: number): void {
    const [, name, value = ""] = /^\s*(rank|exitcode|traceback)\s*: (.*)$/.exec(text) ?? [];
    const number = Number.parseInt(value, 10);
    if (name === "rank") {
      this.#rank = number;
    } else if (name === "exitcode") {
      this.#exitCode = number;
    }
    if (name !== undefined) {
      this.#lines.push({ line, text: text.trim() });
    }
    this.#isRootCause = name !== "traceback";
  }

  read(): Findings["firstFailure"] {
    const exitCode = this.#exitCode;
    return this.#rank === undefined
      ? undefined
      : { rank: this.#rank, lines: this.#lines, ...(exitCode === undefined ? {} : { exitCode }) };
  }
}
