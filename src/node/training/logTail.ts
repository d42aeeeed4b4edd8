import { open } from "node:fs/promises";
import { createLogReader, type LogLine, type LogReader } from "../../core/training/runLog.ts";
import { errorCode } from "../base/fileErrors.ts";

const CHUNK_BYTES = 256 * 1024;

/** Reads a growing log piece by piece; a missing file has no lines yet, a shorter one is read from its start. */
export class LogTail {
  readonly #path: string;
  #offset = 0;
  #reader: LogReader = createLogReader();

  constructor(path: string) {
    this.#path = path;
  }

  /** Starts near the end: the first line read is a whole one within the last `lastBytes`. Gives the bytes skipped. */
  async skipTo(lastBytes: number): Promise<number> {
    const size = await this.#read(async (file) => (await file.stat()).size, 0);
    this.#offset = Math.max(0, size - lastBytes);
    this.#reader = createLogReader({ startsInsideLine: this.#offset > 0 });
    return this.#offset;
  }

  /** The lines since the last call, a chunk at most; an empty array when there is nothing new. */
  next(): Promise<LogLine[]> {
    return this.#read(async (file) => {
      for (;;) {
        const { size } = await file.stat();
        if (size < this.#offset) {
          this.#offset = 0;
          this.#reader = createLogReader();
        }
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - this.#offset));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, this.#offset);
        this.#offset += bytesRead;
        const lines = this.#reader.push(chunk.subarray(0, bytesRead));
        if (lines.length > 0 || bytesRead === 0) {
          return lines;
        }
      }
    }, []);
  }

  async #read<Value>(use: (file: Awaited<ReturnType<typeof open>>) => Promise<Value>, missing: Value): Promise<Value> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(this.#path, "r");
    } catch (error) {
      if (errorCode(error) === "ENOENT") {
        return missing;
      }
      throw error;
    }
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }
}
