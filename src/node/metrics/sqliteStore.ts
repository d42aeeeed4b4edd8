import { type FileHandle, open, stat } from "node:fs/promises";
import type { ByteSource } from "../../core/base/byteSource.ts";
import { FormatError } from "../../core/base/errors.ts";
import { RollbackJournal } from "../../core/metrics/sqlite/rollbackJournal.ts";
import { RunStore } from "../../core/metrics/sqlite/runStore.ts";
import { type PageFile, SqliteFile } from "../../core/metrics/sqlite/sqliteFile.ts";
import { WriteAheadLog } from "../../core/metrics/sqlite/writeAheadLog.ts";
import { errorCode } from "../base/fileErrors.ts";
import type { LoggedRun, MetricSource } from "./metricSource.ts";

/** Pages of a table mostly lie beside each other. */
const WINDOW_BYTES = 128 << 10;
/** So often one update begins anew where the database is written to meanwhile: others wait for their curves as well. */
const MAX_MOMENTS = 100;
const CHANGE_COUNTER = { at: 24, bytes: 4 };
const LOG_HEADER_BYTES = 32;
const JOURNAL_HEADER_BYTES = 28;

/**
 * The runs in a SQLite store, of which each update reads the rows that were added, those in its write-ahead log as well, and
 * none of a transaction that is not committed.
 */
export class SqliteStore implements MetricSource {
  readonly #path: string;
  readonly #store = new RunStore();
  readonly #log = new WriteAheadLog();
  readonly #journal = new RollbackJournal();
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

  /** Reads what was added. Of a store that is written to all the time it takes moment after moment, and goes on from there with the next update. */
  async update(): Promise<void> {
    const state = await this.#stateOf();
    if (state === this.#state) {
      return;
    }
    let end = await this.#readMoment();
    for (let moments = 1; end === "changed" && moments < MAX_MOMENTS; moments++) {
      end = await this.#readMoment();
    }
    this.#state = end === "whole" ? state : this.#state;
  }

  /** Reads on until all is read, the database is written to, or a page of it is none. */
  async #readMoment(): Promise<"whole" | "changed" | "damaged"> {
    const database = await openOrNothing(this.#path);
    const log = await openOrNothing(`${this.#path}-wal`);
    const moment = await this.#momentOf(database, log);
    // Of another transaction than that of the moment it would put back what was committed since.
    const journal = await openOrNothing(this.#journalPath);
    const isUnchanged = async () => (await this.#momentOf(database, log)) === moment;
    this.#problem = undefined;
    try {
      const pageFiles: PageFile[] = [
        ...(log === undefined ? [] : [{ source: await sourceOf(log), follower: this.#log }]),
        ...(journal === undefined ? [] : [{ source: await sourceOf(journal), follower: this.#journal }]),
      ];
      const file = database && (await SqliteFile.open(await sourceOf(database), pageFiles));
      return file === undefined || (await this.#store.update(file, isUnchanged)) ? "whole" : "changed";
    } catch (error) {
      if (!(error instanceof FormatError)) {
        throw error;
      }
      if (!(await isUnchanged())) {
        return "changed";
      }
      // A commit may be half written; where it stays so, the next update says it again.
      this.#problem = error.message;
      return "damaged";
    } finally {
      await database?.close();
      await log?.close();
      await journal?.close();
    }
  }

  get #journalPath(): string {
    return `${this.#path}-journal`;
  }

  /**
   * Another text after the pages that were there were written over: those of the database when its file is, which counts its
   * changes and which its journal precedes, those of the log when that begins anew. What is added to the log changes none of them.
   */
  async #momentOf(database: FileHandle | undefined, log: FileHandle | undefined): Promise<string> {
    const file = await database?.stat();
    const changes = await bytesAt(database, CHANGE_COUNTER.at, CHANGE_COUNTER.bytes);
    const header = await bytesAt(log, 0, LOG_HEADER_BYTES);
    return `${file?.size} ${file?.mtimeMs} ${changes} ${header} ${await journalStateOf(this.#journalPath)}`;
  }

  /** Another text after the database, or the log of its changes, or its journal was written. */
  async #stateOf(): Promise<string> {
    const files = [this.#path, `${this.#path}-wal`, this.#journalPath].map((path) => stat(path).catch(() => undefined));
    return (await Promise.all(files)).map((file) => `${file?.size} ${file?.mtimeMs}`).join(", ");
  }
}

/** Looked up by its name each time: a transaction that is committed deletes its journal, and the next one makes another. */
async function journalStateOf(path: string): Promise<string> {
  const journal = await openOrNothing(path);
  try {
    return `${(await journal?.stat())?.size} ${await bytesAt(journal, 0, JOURNAL_HEADER_BYTES)}`;
  } finally {
    await journal?.close();
  }
}

/** In digits; zeros where the file ends before, or is missing. */
async function bytesAt(file: FileHandle | undefined, at: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  await file?.read(bytes, 0, length, at);
  return bytes.toString("hex");
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
