import { type ConsoleReading, parseConsoleLine } from "../../metrics/consoleLine.ts";
import { cleanConsoleLine } from "../../metrics/consoleText.ts";
import { RestartWatch } from "../workerRestarts.ts";
import type { EvidenceLine } from "./diagnosis.ts";
import { ExceptionGroupFrame } from "./exceptionGroup.ts";
import { isExceptionLine, opensTraceback } from "./exceptionLine.ts";
import type { FailureCause } from "./failureCause.ts";
import { findCause, isEcho, isWarning } from "./failureSignatures.ts";
import { type FailedProcess, LauncherReport } from "./launcherReport.ts";
import { causeInShellReport, saysNotFound } from "./shellReport.ts";

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
  /** It is the last line of a traceback that was printed whole. */
  hasTraceback: boolean;
  /** Where its sentence ends with a colon, the first of the lines that follow. */
  detail?: EvidenceLine;
  /** The last line of the person's own code above the exception: `File "train.py", line 88, in train_epoch`. */
  place?: EvidenceLine;
};

/** What the output of a training says about its end. */
export type Findings = {
  /** In the order of the output, without those that the training survived. */
  findings: readonly Finding[];
  /** From torchrun's last lines: the process that failed first. */
  firstFailure: FailedProcess | undefined;
  /** How a worker of the data loader ended, in PyTorch's own words: Python may ignore the exception that says it. */
  workerSignal: Pick<Finding, "line" | "text" | "cause"> | undefined;
  /** What a shell said of a program that a signal ended, though the script may have gone on. */
  shellReport: Pick<Finding, "line" | "text" | "cause"> | undefined;
  /** The last exception behind which epochs began anew, so that it had ended its program, though a script went on. */
  endedProgram: Finding | undefined;
  /** What a shell said of a program that it did not find, though the script may have gone on. */
  notFound: EvidenceLine | undefined;
  /** Where the loss became something else than a number and stayed so. */
  notANumber: EvidenceLine | undefined;
  /** What the program itself called an error near its end, in words that name no known cause. */
  reported: EvidenceLine | undefined;
  lastWords: EvidenceLine | undefined;
  /** The last error that the training went on after. */
  survived: Finding | undefined;
  /** An exception of a thread, or one with nothing but its echoes behind it, though the program may have gone on. */
  tracebackAtEnd: Finding | undefined;
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
// That of a syntax error names no function.
const FRAME = /^\s*File "(?<file>[^"]+)", line \d+(?:, in |$)/;
const LIBRARY =
  /site-packages|dist-packages|\.(?:pyx|pxd|pxi)$|[/\\](?:bin|Scripts)[/\\]|[/\\]lib[/\\]python\d|<frozen |torch[/\\](?:nn|utils|distributed)[/\\]/;

/** Where a batch comes over from a data-loader worker: what breaks there is the worker that is gone, whatever it is called. */
const WORKER_CHANNEL = /torch[/\\]multiprocessing[/\\]reductions\.py|multiprocessing[/\\]resource_sharer\.py/;
const BROKEN_CHANNEL = /^(?:ConnectionResetError|ConnectionRefusedError|EOFError|BrokenPipeError|FileNotFoundError)\b/;

/** Python's last words where the signal of the dead worker comes while it prints the traceback, which then ends at any frame. */
export const LAST_WORDS = /^object type name: (?=\w+Error\b)/;
const WORKER_SIGNAL = /DataLoader worker \(pid \d+\) is killed by signal/;

/** What the launchers of containers and conda refuse with: `docker: Cannot connect to the Docker daemon`. */
const REFUSED = /^(?:(?:docker|podman)|Environment(?:Location|Name)NotFound): (?!\s*$)/;

/** `ERROR: bad config`, `2026-11-21 02:10:00,123 - ERROR - …`, `[E] …`: the program's own words for its end. */
const REPORTED =
  /^(?:[\w./-]+: )?(?:\[?\d{4}-\d\d-\d\d[T ][\d:.,]+\]?[ |-]*)?(?:\[?[\w.]+\]?[ :|-]+)?\[?(?:ERROR|FATAL|CRITICAL|[Ee]rror|[Ff]atal)\]?(?::|\s[-|:]|\]|\s*\|)\s*\S/;

/** What Metaflow puts above the sentence with which it ends. That of a failed task has its reason further up. */
const METAFLOW_HEADLINE =
  /^\s*(?:Flow failed|Incompatible environment|Validity checker found an issue|(?:Missing|Unhandled) artifacts in merge|Data store error|(?:Kubernetes|AWS Batch|AWS Step Functions) error|Unknown \w+(?: \w+)?|Duplicate decorators|[\w ]+ ran into an error while setting up environment)(?: in file .+)?(?: on line \d+)?:$/;

/** A key that is missing says something about a checkpoint only where one is being loaded. */
const LOADS_CHECKPOINT = /load_state_dict|torch\.load\b|load_checkpoint|\b(?:checkpoint|ckpt|snapshot)\w*\[["']/;

type Traceback = {
  isOpen: boolean;
  isIgnored: boolean;
  isOfThread: boolean;
  isInWorkerChannel: boolean;
  isInCheckpointLoad: boolean;
  /** Whether the last frame is code that the person did not write. */
  isInLibrary: boolean;
  place: EvidenceLine | undefined;
};

const NO_TRACEBACK: Traceback = {
  isOpen: false,
  isIgnored: false,
  isOfThread: false,
  isInWorkerChannel: false,
  isInCheckpointLoad: false,
  isInLibrary: false,
  place: undefined,
};

/** `progressBefore`: how many lines of progress stood before it. */
type Found = { finding: Finding; progressBefore: number; epochBefore?: number | undefined; endedProgram?: boolean };

/** A line as it was printed, and the traceback that its process is printing. */
type ReadLine = EvidenceLine & { rank: number | undefined; traceback: Traceback };

/** Feeds on the lines of an output, in order. */
export class FindingReader {
  #found: Found[] = [];
  /** What was found before the workers of a launcher were started anew, as long as that is not sure. */
  #foundBefore: Found[] = [];
  readonly #restarts = new RestartWatch();
  readonly #tracebacks = new Map<number | undefined, Traceback>();
  readonly #launcher = new LauncherReport();
  readonly #groupFrame = new ExceptionGroupFrame();
  #progress = 0;
  #group = 0;
  #isChained = false;
  #ignoresNext = false;
  #notANumber: EvidenceLine | undefined;
  #reported: { line: EvidenceLine; progressBefore: number } | undefined;
  #shellReport: Findings["shellReport"];
  #workerSignal: { line: Findings["workerSignal"]; progressBefore: number } | undefined;
  #epoch: number | undefined;
  #epochs: number | undefined;
  /** Whether the epoch that was read last began anew before the last one of those before it. */
  #isCutShort = false;
  #notFound: { line: EvidenceLine; progressBefore: number } | undefined;
  #lastWords: EvidenceLine | undefined;
  #lastOrdinaryLine = 0;
  #isThreadNext = false;
  #isReasonNext = false;
  #threadException: Finding | undefined;

  push(raw: string, line: number): void {
    if (raw.trim() === "") {
      return;
    }
    const rankText = RANK.exec(raw)?.[1];
    const rank = rankText === undefined ? undefined : Number(rankText);
    const text = this.#groupFrame.strip(cleanConsoleLine(raw).slice(0, MAX_TEXT_LENGTH));
    if (text === undefined) {
      return;
    }
    this.#lastWords = { line, text };
    this.#launcher.push(text, line);
    this.#followRestarts(this.#restarts.push(text, line));
    const traceback = this.#tracebackOf(rank);
    if (opensTraceback(text)) {
      this.#openTraceback(traceback);
    } else if (CHAINED.test(text)) {
      this.#isChained = true;
    } else if (text.startsWith("Exception ignored ")) {
      this.#ignoresNext = true;
    } else if (text.startsWith("Exception in thread ")) {
      this.#isThreadNext = true;
    } else {
      this.#readLine({ text, line, rank, traceback });
    }
  }

  read(): Findings {
    const isLate = ({ progressBefore }: Pick<Found, "progressBefore">) =>
      this.#progress - progressBefore < SURVIVED_AFTER;
    const findings = this.#found.filter(isLate).map(({ finding }) => finding);
    return {
      findings,
      firstFailure: this.#launcher.read((rank) => complainsOnly(findings.filter((each) => each.rank === rank))),
      workerSignal: this.#workerSignal && isLate(this.#workerSignal) ? this.#workerSignal.line : undefined,
      shellReport: this.#shellReport,
      endedProgram: this.#found.findLast((each) => each.endedProgram === true)?.finding,
      notFound: this.#notFound && isLate(this.#notFound) ? this.#notFound.line : undefined,
      notANumber: this.#notANumber,
      reported: this.#reported && isLate(this.#reported) ? this.#reported.line : undefined,
      lastWords: this.#lastWords && { line: this.#lastWords.line, text: this.#lastWords.text.trim() },
      survived: this.#found.findLast((each) => each.finding.isException && !isLate(each))?.finding,
      tracebackAtEnd: this.#threadException ?? this.#findTracebackAtEnd(),
    };
  }

  #findTracebackAtEnd(): Finding | undefined {
    const last = this.#found.findLast(({ finding }) => !finding.isEcho)?.finding;
    const isAtEnd = last?.hasTraceback === true && last.line > this.#lastOrdinaryLine;
    return isAtEnd && last.cause !== "interrupted" ? last : undefined;
  }

  /** What the training survived does not explain its end. */
  #followRestarts(change: ReturnType<RestartWatch["push"]>): void {
    if (change === "restart") {
      this.#foundBefore = this.#found;
      this.#found = [];
    } else if (change === "no-restart") {
      this.#found = [...this.#foundBefore, ...this.#found];
    }
  }

  #tracebackOf(rank: number | undefined): Traceback {
    const known = this.#tracebacks.get(rank);
    if (known !== undefined) {
      return known;
    }
    const fresh = { ...NO_TRACEBACK };
    this.#tracebacks.set(rank, fresh);
    return fresh;
  }

  #openTraceback(traceback: Traceback): void {
    const [isIgnored, isOfThread] = [this.#ignoresNext, this.#isThreadNext];
    Object.assign(traceback, { ...NO_TRACEBACK, isOpen: true, isIgnored, isOfThread });
    this.#ignoresNext = false;
    this.#isThreadNext = false;
    this.#group += this.#isChained ? 0 : 1;
    this.#isChained = false;
  }

  #readLine(read: ReadLine): void {
    const { text, line, traceback } = read;
    this.#completeException(read);
    traceback.isInCheckpointLoad ||= LOADS_CHECKPOINT.test(text);
    const file = FRAME.exec(text)?.groups?.["file"];
    if (file !== undefined) {
      traceback.isInWorkerChannel ||= WORKER_CHANNEL.test(file);
      traceback.isInLibrary = LIBRARY.test(file);
      traceback.place = traceback.isInLibrary && traceback.place ? traceback.place : { line, text: text.trim() };
      return;
    }
    if (traceback.isOpen && /^\s/.test(text)) {
      return;
    }
    const isException = isExceptionLine(text, traceback.isOpen);
    const cause = isWorkerGone(text, traceback) ? "data-loader-worker" : causeOf(text.trim(), traceback);
    if (cause !== undefined && causeInShellReport(text) !== undefined) {
      this.#shellReport = { line, text: text.trim(), cause };
    }
    if (isException && cause !== undefined && WORKER_SIGNAL.test(text)) {
      this.#workerSignal = { line: { line, text: text.trim(), cause }, progressBefore: this.#progress };
    }
    if (traceback.isIgnored) {
      traceback.isIgnored = !isException;
    } else if (isException || cause !== undefined) {
      this.#note(read, isException, cause);
    } else if (!traceback.isOpen) {
      this.#noteProgress(text, line);
    }
    traceback.isOpen = false;
    if (isException) {
      traceback.place = undefined;
    }
  }

  /** Of `RuntimeError:` with its message in the lines below it, the first of those is what it says; others go on there. */
  #completeException({ text, line, rank }: ReadLine): void {
    const last = this.#found.at(-1)?.finding;
    const isBare = last?.isException === true && last.rank === rank && /^[\w.]+:$/.test(last.text);
    if (isBare && line - last.line <= MESSAGE_LINES && /^\s/.test(text)) {
      last.line = line;
      last.text = text.trim();
    }
    // PyYAML says below where in the file it is.
    if (last?.isException === true && last.text.startsWith("yaml.") && /^\s+in ".+", line \d+/.test(text)) {
      last.detail = { line, text: text.trim() };
    }
  }

  #note({ text, line, rank, traceback }: ReadLine, isException: boolean, cause: FailureCause | undefined): void {
    const last = this.#found.at(-1)?.finding;
    const goesOn = last !== undefined && last.isException && last.rank === rank && line - last.line <= MESSAGE_LINES;
    if (!isException && goesOn && last.cause === "exception" && cause !== undefined) {
      last.cause = cause;
      return;
    }
    if (!isException && goesOn && last.cause === cause && last.text.endsWith(":")) {
      last.detail ??= { line, text: text.trim() };
      return;
    }
    const isOfWorker = cause === "data-loader-worker";
    const place = isException || isOfWorker ? traceback.place : undefined;
    // The signal of a worker comes at any moment, and where no code of the person was running, the place says nothing.
    const hasPlace = place !== undefined && !(isOfWorker && LIBRARY.test(place.text));
    const finding: Finding = {
      line,
      text: text.trim(),
      cause: cause ?? "exception",
      isException,
      group: this.#group,
      isEcho: isEcho(text) && !isOfWorker,
      isWarning: !isException && isWarning(text),
      hasTraceback: isException && traceback.isOpen,
      ...(rank === undefined ? {} : { rank }),
      ...(hasPlace ? { place } : {}),
    };
    const known = this.#isCutShort && finding.hasTraceback ? { endedProgram: true } : {};
    this.#found.push({ finding, progressBefore: this.#progress, epochBefore: this.#epoch, ...known });
    if (isException && traceback.isOfThread) {
      this.#threadException = finding;
    }
    if (this.#found.length > MAX_FINDINGS) {
      this.#found.splice(MAX_FINDINGS / 2, 1);
    }
  }

  #noteProgress(text: string, line: number): void {
    const reading = parseConsoleLine(text);
    this.#lastOrdinaryLine = line;
    const isMetaflowReason = this.#isReasonNext;
    this.#isReasonNext = METAFLOW_HEADLINE.test(text);
    if (isMetaflowReason || ((REPORTED.test(text) || REFUSED.test(text)) && !isWarning(text))) {
      this.#reported = { line: { line, text: text.trim() }, progressBefore: this.#progress };
      return;
    }
    if (saysNotFound(text)) {
      this.#notFound = { line: { line, text: text.trim() }, progressBefore: this.#progress };
    }
    if (reading === undefined || reading.subject === "side") {
      return;
    }
    this.#progress += 1;
    this.#noteEpoch(reading);
    const losses = Object.entries(reading.metrics).filter(([name]) => /loss/.test(name) && !/best|min/.test(name));
    if (losses.some(([, value]) => !Number.isFinite(value))) {
      this.#notANumber ??= { line, text: text.trim() };
    } else if (losses.length > 0) {
      this.#notANumber = undefined;
    }
  }

  /** A program that caught its exception counts on; the next one that a script starts counts anew. */
  #noteEpoch({ epoch, epochs = this.#epochs }: ConsoleReading): void {
    if (epoch === undefined) {
      return;
    }
    const last = this.#found.at(-1);
    if (last !== undefined && last.endedProgram === undefined && last.finding.hasTraceback) {
      last.endedProgram = last.epochBefore === undefined || epoch < last.epochBefore;
    }
    const [before, ofBefore] = [this.#epoch, this.#epochs];
    // Errors come on a way of their own, and may be read a little after what the next program prints.
    this.#isCutShort = before !== undefined && ofBefore !== undefined && epoch < before && before < ofBefore;
    this.#epoch = epoch;
    this.#epochs = epochs;
  }
}

/**
 * A name that a library lacks for another library is one of versions; one that the person's own file asks for is not there. The key
 * of a checkpoint may as well be that of a configuration.
 */
function causeOf(text: string, { isInLibrary, isInCheckpointLoad }: Traceback): FailureCause | undefined {
  const cause = findCause(text);
  if (cause === "foreign-checkpoint" && text.startsWith("KeyError") && !isInCheckpointLoad) {
    return undefined;
  }
  return cause === "missing-name" && isInLibrary ? "broken-import" : cause;
}

/** Whether all that a process said is that it lost another one. */
function complainsOnly(ofProcess: readonly Finding[]): boolean {
  return ofProcess.length > 0 && ofProcess.every((each) => each.isEcho);
}

/** The last words alone say it too: it is the signal of a dead worker that keeps Python from printing the rest. */
function isWorkerGone(text: string, { isInWorkerChannel }: Traceback): boolean {
  const error = text.replace(LAST_WORDS, "");
  return (isInWorkerChannel || error !== text) && BROKEN_CHANNEL.test(error);
}
