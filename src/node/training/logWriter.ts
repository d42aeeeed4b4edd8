import { existsSync, fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type LogParts, renderGoesOn } from "../../core/training/logParts.ts";
import type { OutputSegment } from "../../core/training/outputSplitter.ts";
import { renderLogLine, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { logPartPath } from "../base/logFiles.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import type { LogEnd } from "./logEnd.ts";
import { LogRotation } from "./logRotation.ts";

/** Output kept in memory while the disk is full or slow; what does not fit any more is counted and lost. */
const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;
/** Room for the line that says how many are missing, or for the one that names the next part. */
const NOTE_BYTES = 200;
const RETRY_MS = 1_000;
/** Lines that come within this time of a write are written together. */
const GATHER_MS = 50;

/** Bytes that wait to be written, and the part they belong into. */
type Queued = { firstLine: number; bytes: Buffer };

type LogWriterOptions = {
  bufferBytes?: number;
  /** What the log may take in all its parts; see logParts.ts. */
  limitMiB?: number | undefined;
  /** Where an earlier writer stopped, in the middle of a line if it was killed. */
  after?: LogEnd | undefined;
};

/**
 * Appends to a log without ever making its caller wait: the pipe of the training has to be drained, disk or no
 * disk. A failed write is retried from the byte where it stopped.
 */
export class LogWriter {
  readonly #path: string;
  readonly #bufferBytes: number;
  readonly #rotation: LogRotation;
  #file: { firstLine: number; handle: FileHandle } | undefined;
  #queue: Queued[] = [];
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

  /** `path`: the first part, train.log. */
  constructor(path: string, { bufferBytes = DEFAULT_BUFFER_BYTES, limitMiB, after }: LogWriterOptions = {}) {
    this.#path = path;
    this.#bufferBytes = bufferBytes;
    this.#rotation = new LogRotation(path, limitMiB, after);
    this.#lineCount = after?.lineCount ?? 0;
    if (after?.isInsideLine === true) {
      this.#enqueue(Buffer.from("\n"));
    }
  }

  /** What there is of the log; undefined as long as it is one whole file. */
  get layout(): LogParts | undefined {
    return this.#rotation.layout;
  }

  /**
   * A sentence while the log cannot be written or when lines are missing from it: lines of the log, which cuts long ones and
   * has some of its own.
   */
  get problem(): string | undefined {
    const lost = this.#lostInTotal;
    const missing = `${lost === 1 ? "1 line is" : `${lost} lines are`} missing from train.log`;
    if (this.#problem !== undefined && !this.#isClosed) {
      const loss = lost === 0 ? "" : ` ${missing} already.`;
      return `train.log cannot be written: ${this.#problem}. The training is not affected.${loss}`;
    }
    return lost === 0 ? undefined : `${missing}: ${this.#problem ?? "it could not be written in time"}.`;
  }

  /** Queues one line and gives its number in the log, from one. */
  append(segment: OutputSegment): number {
    const line = Buffer.from(renderLogLine(segment, new Date()));
    const noteBytes = this.#lostLines > 0 ? 2 * NOTE_BYTES : NOTE_BYTES;
    if (this.#queuedBytes + line.length + noteBytes > this.#bufferBytes) {
      this.#lostLines += 1;
      this.#lostInTotal += 1;
      return this.#lineCount + 1;
    }
    this.#noteLoss();
    if (this.#rotation.isFullFor(line.length + NOTE_BYTES)) {
      this.#turn();
    }
    this.#enqueue(line);
    this.#gather();
    return this.#lineCount;
  }

  /** The last line of a part names the next one, for people as well as for readers. */
  #turn(): void {
    const next = this.#lineCount + 2;
    this.#enqueue(Buffer.from(renderLogLine({ text: renderGoesOn(next), end: "newline" }, new Date())));
    this.#rotation.begin(next);
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push({ firstLine: this.#rotation.firstLine, bytes });
    this.#rotation.add(bytes.length);
    this.#queuedBytes += bytes.length;
    this.#lineCount += 1;
  }

  #noteLoss(): void {
    if (this.#lostLines > 0) {
      const lost = this.#lostLines;
      this.#lostLines = 0;
      this.note(
        `${lost === 1 ? "1 line was" : `${lost} lines were`} lost here: train.log could not be written in time.`,
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
        if (!(await this.#leaveDeletedPart())) {
          this.#retryAtMs = monotonicMs() + RETRY_MS;
          return;
        }
        const firstLine = this.#queue[0]?.firstLine ?? this.#rotation.firstLine;
        const handle = await this.#openPart(firstLine);
        const next = this.#queue.findIndex((queued) => queued.firstLine !== firstLine);
        const ofPart = next === -1 ? this.#queue : this.#queue.slice(0, next);
        const { bytesWritten } = await handle.write(Buffer.concat(ofPart.map(({ bytes }) => bytes)));
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

  /**
   * What is written into a file that somebody deleted is nowhere: what is not in it yet begins another part. False where the
   * whole folder is gone, which may come back.
   */
  async #leaveDeletedPart(): Promise<boolean> {
    const file = this.#file;
    if (file === undefined || fstatSync(file.handle.fd).nlink > 0) {
      return true;
    }
    if (!existsSync(dirname(this.#path))) {
      return false;
    }
    const ofPart = this.#queue.filter(({ firstLine }) => firstLine === file.firstLine);
    if (ofPart.length === 0 && this.#queue.length > 0) {
      // All of it was written, and the next part has begun.
      this.#rotation.drop(file.firstLine);
      await this.#closeFile();
      return true;
    }
    const firstLine = this.#lineCount - this.#queue.length + 1;
    const sizeBytes = ofPart.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#rotation.replace(file.firstLine, { firstLine, sizeBytes });
    for (const queued of ofPart) {
      queued.firstLine = firstLine;
    }
    await this.#closeFile();
    return true;
  }

  async #openPart(firstLine: number): Promise<FileHandle> {
    if (this.#file?.firstLine !== firstLine) {
      await this.#closeFile();
      await this.#rotation.makeRoomFor(firstLine);
      this.#file = { firstLine, handle: await open(logPartPath(this.#path, firstLine), "a") };
    }
    return this.#file.handle;
  }

  /** Drops what has reached the file; a line that was cut stays with its rest, so that the file goes on exactly there. */
  #forget(byteCount: number): void {
    this.#queuedBytes -= byteCount;
    let left = byteCount;
    let whole = 0;
    for (const { bytes } of this.#queue) {
      if (bytes.length > left) {
        break;
      }
      left -= bytes.length;
      whole += 1;
    }
    this.#queue.splice(0, whole);
    const head = this.#queue[0];
    if (head !== undefined && left > 0) {
      this.#queue[0] = { ...head, bytes: head.bytes.subarray(left) };
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // A close that fails has nothing to say that the write did not say.
    await file?.handle.close().catch(() => undefined);
  }
}
