import { type FileHandle, open } from "node:fs/promises";
import type { OutputSegment } from "../../core/training/outputSplitter.ts";
import { renderLogLine, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import type { LogEnd } from "./logEnd.ts";

/** Output kept in memory while the disk is full or slow; what does not fit any more is counted and lost. */
const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;
/** Room for the line that says how many are missing. */
const LOSS_NOTE_BYTES = 200;
const RETRY_MS = 1_000;
/** Lines that come within this time of a write are written together. */
const GATHER_MS = 50;

/**
 * Appends to train.log without ever making its caller wait: the pipe of the training has to be drained, disk or no
 * disk. A failed write is retried from the byte where it stopped.
 */
export class LogWriter {
  readonly #path: string;
  readonly #bufferBytes: number;
  #file: FileHandle | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #lineCount = 0;
  #lostLines = 0;
  #lostInTotal = 0;
  #problem: string | undefined;
  #retryAtMs = 0;
  #isClosed = false;
  #writing: Promise<void> | undefined;
  #wroteAtMs = Number.NEGATIVE_INFINITY;
  #isGathering = false;

  /** `after`: where an earlier writer stopped, in the middle of a line if it was killed. */
  constructor(path: string, options: { bufferBytes?: number; after?: LogEnd | undefined } = {}) {
    this.#path = path;
    this.#bufferBytes = options.bufferBytes ?? DEFAULT_BUFFER_BYTES;
    this.#lineCount = options.after?.lineCount ?? 0;
    if (options.after?.isInsideLine === true) {
      this.#queue.push(Buffer.from("\n"));
      this.#queuedBytes += 1;
      this.#lineCount += 1;
    }
  }

  /** A sentence while the log cannot be written or when lines are missing from it. */
  get problem(): string | undefined {
    const lost = this.#lostInTotal;
    const missing = `${lost === 1 ? "1 line" : `${lost} lines`} of output ${lost === 1 ? "is" : "are"} missing from train.log`;
    if (this.#problem !== undefined && !this.#isClosed) {
      const loss = lost === 0 ? "" : ` ${missing} already.`;
      return `train.log cannot be written: ${this.#problem}. The training is not affected.${loss}`;
    }
    return lost === 0 ? undefined : `${missing}: ${this.#problem ?? "it could not be written in time"}.`;
  }

  /** Queues one line and gives its number in the file, from one. */
  append(segment: OutputSegment): number {
    const line = Buffer.from(renderLogLine(segment, new Date()));
    const neededBytes = line.length + (this.#lostLines > 0 ? LOSS_NOTE_BYTES : 0);
    if (this.#queuedBytes + neededBytes > this.#bufferBytes) {
      this.#lostLines += 1;
      this.#lostInTotal += 1;
      return this.#lineCount + 1;
    }
    this.#noteLoss();
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#lineCount += 1;
    this.#gather();
    return this.#lineCount;
  }

  #noteLoss(): void {
    if (this.#lostLines > 0) {
      const lost = this.#lostLines;
      this.#lostLines = 0;
      this.note(
        `${lost === 1 ? "1 line" : `${lost} lines`} of output were lost here: train.log could not be written in time.`,
      );
    }
  }

  /** Writes one line of the supervisor's own. */
  note(text: string): void {
    this.append({ text: SUPERVISOR_PREFIX + text.replace(/\s*[\r\n]+\s*/g, " "), end: "newline" });
  }

  /** To be called now and then: tries again what failed. */
  retry(nowMs: number): void {
    if (nowMs >= this.#retryAtMs) {
      this.#pump();
    }
  }

  /** Writes the rest if the disk takes it and closes the file; what is left then is lost and counted. */
  async close(): Promise<void> {
    await this.#writing;
    this.#retryAtMs = 0;
    this.#noteLoss();
    this.#pump();
    await this.#writing;
    this.#lostInTotal += this.#queue.length;
    this.#queue = [];
    this.#isClosed = true;
    await this.#closeFile();
  }

  /** What is appended in one go, as a batch from the pipe of the training, is one write; so are batches that come in haste. */
  #gather(): void {
    if (this.#isGathering) {
      return;
    }
    this.#isGathering = true;
    const flush = (): void => {
      this.#isGathering = false;
      this.#pump();
    };
    const waitMs = this.#wroteAtMs + GATHER_MS - monotonicMs();
    if (waitMs > 0) {
      setTimeout(flush, waitMs);
    } else {
      setImmediate(flush);
    }
  }

  #pump(): void {
    if (this.#writing === undefined && this.#queue.length > 0 && monotonicMs() >= this.#retryAtMs) {
      this.#writing = this.#drain().finally(() => {
        this.#writing = undefined;
      });
    }
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        this.#file ??= await open(this.#path, "a");
        const chunk = Buffer.concat(this.#queue);
        const { bytesWritten } = await this.#file.write(chunk);
        this.#wroteAtMs = monotonicMs();
        this.#forget(bytesWritten);
        this.#problem = undefined;
      }
    } catch (error) {
      this.#problem = describeFileError(error);
      this.#retryAtMs = monotonicMs() + RETRY_MS;
      await this.#closeFile();
    }
  }

  /** Drops what has reached the file; a line that was cut stays with its rest, so that the file goes on exactly there. */
  #forget(byteCount: number): void {
    this.#queuedBytes -= byteCount;
    let left = byteCount;
    let whole = 0;
    for (const line of this.#queue) {
      if (line.length > left) {
        break;
      }
      left -= line.length;
      whole += 1;
    }
    this.#queue.splice(0, whole);
    const head = this.#queue[0];
    if (head !== undefined && left > 0) {
      this.#queue[0] = head.subarray(left);
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // A close that fails has nothing to say that the write did not say.
    await file?.close().catch(() => undefined);
  }
}
