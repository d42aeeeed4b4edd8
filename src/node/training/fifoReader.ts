import { closeSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { errorCode } from "../base/fileErrors.ts";

/** How often is looked; a person who follows the output does not notice, and the pipe holds 64 KiB meanwhile. */
const LOOK_MS = 100;
/** Whoever fills half of the pipe between two looks is looked at again at once. */
const MUCH_BYTES = 32 * 1024;
const BUFFER_BYTES = 64 * 1024;

/**
 * Reads a FIFO that was opened with O_NONBLOCK, ten times a second. A socket would wake this process for every line: beside
 * a training that prints a hundred a second, waking up costs far more than reading.
 */
export class FifoReader extends Readable {
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #timer: NodeJS.Timeout | undefined;
  #lastBytes = 0;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  override _read(): void {
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#lastBytes >= MUCH_BYTES ? 0 : LOOK_MS);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    closeSync(this.#fd);
    done(error);
  }

  /** Takes what is there, at most a buffer of it, so that other work gets its turn. */
  #look(): void {
    this.#timer = undefined;
    const count = this.#readAvailable();
    this.#lastBytes = count ?? 0;
    if (count === undefined) {
      if (!this.destroyed) {
        this.#schedule();
      }
    } else {
      // No bytes are the end: nobody has the FIFO open for writing any more.
      this.push(count === 0 ? null : Buffer.from(this.#buffer.subarray(0, count)));
    }
  }

  /** Undefined where nothing is to be read now. */
  #readAvailable(): number | undefined {
    try {
      return readSync(this.#fd, this.#buffer);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") {
        this.destroy(error instanceof Error ? error : undefined);
      }
      return undefined;
    }
  }
}
