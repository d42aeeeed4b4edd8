import { open } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import type { MetricReader } from "../../core/metrics/metricReader.ts";
import { describeFileError } from "../base/fileErrors.ts";

/** A piece of a file that is in memory at once. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** A writer that begins anew changes what stands first: the header of a CSV file, the time of the first event. */
const HEAD_BYTES = 1024;

/** Reads what was added to one file. The cost is that of the addition, and of comparing the first bytes. */
export class MetricTail {
  readonly path: string;
  readonly #reader: MetricReader;
  readonly #isWrittenWhole: boolean;
  #offset = 0;
  #head: Buffer = Buffer.alloc(0);
  #stamp = "";

  constructor(path: string, reader: MetricReader, options: { isWrittenWhole: boolean }) {
    this.path = path;
    this.#reader = reader;
    this.#isWrittenWhole = options.isWrittenWhole;
  }

  get damaged(): number {
    return this.#reader.damaged;
  }

  /** `rewritten`: what was read is void, and a new tail must read the file from its start. */
  async update(signal?: AbortSignal): Promise<"unchanged" | "grown" | "rewritten"> {
    await using file = await this.#open();
    const { size, mtimeMs, ino } = await file.stat();
    const stamp = `${size}:${mtimeMs}:${ino}`;
    if (stamp === this.#stamp) {
      return "unchanged";
    }
    const head = Buffer.alloc(Math.min(this.#head.length, size));
    await file.read(head, 0, head.length, 0);
    const isOther = size < this.#offset || !head.equals(this.#head) || (this.#isWrittenWhole && this.#offset > 0);
    if (isOther) {
      return "rewritten";
    }
    const before = this.#offset;
    while (this.#offset < size) {
      signal?.throwIfAborted();
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - this.#offset));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, this.#offset);
      if (bytesRead === 0) {
        break;
      }
      this.#take(chunk.subarray(0, bytesRead));
    }
    this.#stamp = stamp;
    return this.#offset > before ? "grown" : "unchanged";
  }

  #take(bytes: Buffer): void {
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    }
    this.#offset += bytes.length;
    this.#reader.push(bytes);
  }

  async #open() {
    try {
      return await open(this.path);
    } catch (error) {
      throw new UserError(`${this.path} cannot be read: ${describeFileError(error)}.`, { cause: error });
    }
  }
}
