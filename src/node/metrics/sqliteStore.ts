import { type FileHandle, open, stat } from "node:fs/promises";
import type { ByteSource } from "../../core/base/byteSource.ts";
import { FormatError } from "../../core/base/errors.ts";
import { RunStore } from "../../core/metrics/sqlite/runStore.ts";
import { SqliteFile } from "../../core/metrics/sqlite/sqliteFile.ts";
import { WriteAheadLog } from "../../core/metrics/sqlite/writeAheadLog.ts";
import { errorCode } from "../base/fileErrors.ts";
import type { LoggedRun, MetricSource } from "./metricSource.ts";

/** Pages of a table mostly lie beside each other. */
const WINDOW_BYTES = 128 << 10;

/** The runs in a SQLite store, of which each update reads the rows that were added, those in its write-ahead log as well. */
export class SqliteStore implements MetricSource {
  readonly #path: string;
  readonly #store = new RunStore();
  readonly #log = new WriteAheadLog();
  #state = "";
  #problem: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get runs(): readonly LoggedRun[] {
    if (this.#store.runs.length === 0 && this.#problem !== undefined) {
      // Nobody else would say why there are none.
      return [{ place: this.#path, series: [], problem: this.#problem }];
    }
    return this.#store.runs.map(({ id, name, startedMs, end, series, parameters }) => ({
      place: `${this.#path}#${id}`,
      name,
      startedMs,
      end,
      series,
      parameters,
      problem: this.#problem,
    }));
  }

  async update(): Promise<void> {
    const state = await this.#stateOf();
    if (state === this.#state) {
      return;
    }
    const database = await openOrNothing(this.#path);
    const log = await openOrNothing(`${this.#path}-wal`);
    try {
      const pages = log && { source: await sourceOf(log), follower: this.#log };
      const file = database && (await SqliteFile.open(await sourceOf(database), pages));
      if (file !== undefined) {
        await this.#store.update(file, async () => (await this.#stateOf()) === state);
      }
      this.#problem = undefined;
      this.#state = state;
    } catch (error) {
      if (!(error instanceof FormatError)) {
        throw error;
      }
      // A page that was moved while it was read; where it stays so, the next update says it again.
      this.#problem = error.message;
    } finally {
      await database?.close();
      await log?.close();
    }
  }

  /** Another text after the database, or the log of its changes, was written. */
  async #stateOf(): Promise<string> {
    const files = [this.#path, `${this.#path}-wal`].map((path) => stat(path).catch(() => undefined));
    return (await Promise.all(files)).map((file) => `${file?.size} ${file?.mtimeMs}`).join(", ");
  }
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}

/** Reads ahead, since a database asks for one page after the other. */
async function sourceOf(handle: FileHandle): Promise<ByteSource> {
  const { size } = await handle.stat();
  let window = { from: 0, bytes: new Uint8Array(0) };
  return {
    sizeBytes: size,
    async read(offset, length) {
      const isInside = offset >= window.from && offset + length <= window.from + window.bytes.length;
      if (!isInside) {
        const buffer = new Uint8Array(Math.max(length, WINDOW_BYTES));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
        window = { from: offset, bytes: buffer.subarray(0, bytesRead) };
      }
      const at = offset - window.from;
      return window.bytes.subarray(at, at + length);
    },
  };
}
