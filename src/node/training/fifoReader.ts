import { closeSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { errorCode } from "../base/fileErrors.ts";
import { monotonicMs } from "../base/monotonicClock.ts";

/** How often is looked; a person who follows the output hardly notices, and what is printed meanwhile stays in the pipe. */
const LOOK_MS = 300;
/** The pipe holds four times as much. A training whose pipe is full waits for us, so who prints much is looked at sooner. */
const BYTES_PER_LOOK = 16 * 1024;
const BUFFER_BYTES = 64 * 1024;

/** All readers look at the same time: standard output and error together cost one waking up. */
const waiting = new Set<FifoReader>();
let timer: NodeJS.Timeout | undefined;
/** What one look reads is copied out before the next one. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/**
 * Reads a FIFO that was opened with O_NONBLOCK, three times a second. A socket would wake this process for every line: beside
 * a training that prints a hundred a second, waking up costs far more than reading. What is not yet read stays in the pipe,
 * where the death of this process cannot lose it.
 */
export class FifoReader extends Readable {
  readonly #fd: number;
  #bytesPerMs = 0;
  #lookedAtMs = monotonicMs();

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  /** When to look at the latest, after the pace at which the pipe was filled. */
  get patienceMs(): number {
    return Math.min(LOOK_MS, BYTES_PER_LOOK / this.#bytesPerMs);
  }

  override _read(): void {
    waiting.add(this);
    schedule(this.patienceMs);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    waiting.delete(this);
    closeSync(this.#fd);
    done(error);
  }

  /** Takes what is there, at most a buffer of it, so that other work gets its turn. */
  look(): void {
    const count = this.#readAvailable();
    const nowMs = monotonicMs();
    // What prints in bursts pauses in between.
    this.#bytesPerMs = Math.max((count ?? 0) / Math.max(1, nowMs - this.#lookedAtMs), this.#bytesPerMs / 2);
    this.#lookedAtMs = nowMs;
    // No bytes are the end: nobody has the FIFO open for writing any more.
    if (count !== undefined && !this.push(count === 0 ? null : Buffer.from(buffer.subarray(0, count)))) {
      waiting.delete(this);
    }
  }

  /** Undefined where nothing is to be read now. */
  #readAvailable(): number | undefined {
    try {
      return readSync(this.#fd, buffer);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") {
        this.destroy(error instanceof Error ? error : undefined);
      }
      return undefined;
    }
  }
}

function schedule(patienceMs: number): void {
  timer ??= setTimeout(lookAtAll, patienceMs);
}

function lookAtAll(): void {
  for (const reader of waiting) {
    reader.look();
  }
  timer = undefined;
  if (waiting.size > 0) {
    schedule(Math.min(...[...waiting].map(({ patienceMs }) => patienceMs)));
  }
}

/** Reads what is in a FIFO without waiting for its next look; other streams are read as soon as something is there. */
export function readNow(stream: Readable): void {
  if (stream instanceof FifoReader && waiting.has(stream)) {
    stream.look();
  }
}
