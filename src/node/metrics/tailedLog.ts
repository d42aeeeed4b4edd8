import { type FileHandle, open } from "node:fs/promises";
import { basename, extname } from "node:path";
import { CsvLog } from "../../core/metrics/csvLog.ts";
import { EventLog } from "../../core/metrics/eventLog.ts";
import { JsonLinesLog, readTrainerState } from "../../core/metrics/jsonLog.ts";
import type { MetricLog } from "../../core/metrics/metricLog.ts";
import type { Series } from "../../core/metrics/series.ts";
import { errorCode } from "../base/fileErrors.ts";
import type { MetricFile } from "./metricFiles.ts";

const CHUNK_BYTES = 1 << 20;
/** Enough of the beginning to see that a file was written anew, which Lightning does with the header of its CSV. */
const HEAD_BYTES = 256;
/** A `trainer_state.json` of a million entries; a larger one is something else. */
const MAX_STATE_BYTES = 200e6;

/** One log file, of which each update reads only what was added. */
export class TailedLog {
  readonly file: MetricFile;
  readonly #prefix: string;
  #log: MetricLog;
  #offset = 0;
  #modifiedMs = -1;
  #head: Uint8Array = new Uint8Array(0);
  #state: readonly Series[] = [];

  constructor(file: MetricFile, hasSiblings: boolean) {
    this.file = file;
    this.#prefix = hasSiblings ? `${basename(file.path, extname(file.path))}/` : "";
    this.#log = this.#begin();
  }

  get series(): readonly Series[] {
    return this.file.kind === "trainer-state" ? this.#state : this.#log.table.all();
  }

  get restartStep(): number | undefined {
    return this.#log.restartStep;
  }

  get problem(): string | undefined {
    return this.#log.problem;
  }

  /** Reads what was added since the last time; a file that is gone keeps what was read. Says whether there was anything. */
  async update(): Promise<boolean> {
    let handle: FileHandle;
    try {
      handle = await open(this.file.path, "r");
    } catch (error) {
      if (errorCode(error) === undefined) {
        throw error;
      }
      return false;
    }
    try {
      return this.file.kind === "trainer-state" ? await this.#readWhole(handle) : await this.#readAdded(handle);
    } finally {
      await handle.close();
    }
  }

  async #readAdded(handle: FileHandle): Promise<boolean> {
    const { size } = await handle.stat();
    const head = await readAt(handle, 0, Math.min(HEAD_BYTES, size));
    if (size < this.#offset || !startsWith(head, this.#head)) {
      this.#log = this.#begin();
      this.#offset = 0;
    }
    this.#head = head;
    const from = this.#offset;
    while (this.#offset < size) {
      const bytes = await readAt(handle, this.#offset, Math.min(CHUNK_BYTES, size - this.#offset));
      if (bytes.length === 0) {
        break;
      }
      this.#offset += bytes.length;
      this.#log.push(bytes);
    }
    return this.#offset !== from;
  }

  async #readWhole(handle: FileHandle): Promise<boolean> {
    const { size, mtimeMs } = await handle.stat();
    if (mtimeMs === this.#modifiedMs || size > MAX_STATE_BYTES) {
      return false;
    }
    const series = readTrainerState(await handle.readFile("utf8")).all();
    this.#modifiedMs = mtimeMs;
    // While it is written anew it is no JSON for a moment.
    this.#state = series.length === 0 ? this.#state : series;
    return true;
  }

  #begin(): MetricLog {
    return this.file.kind === "events"
      ? new EventLog()
      : this.file.kind === "csv"
        ? new CsvLog(this.#prefix)
        : new JsonLinesLog(this.#prefix);
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}
