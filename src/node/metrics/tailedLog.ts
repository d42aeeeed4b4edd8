import { type FileHandle, open } from "node:fs/promises";
import { renderBytes } from "../../core/base/renderBytes.ts";
import { CsvLog } from "../../core/metrics/csvLog.ts";
import { EventLog } from "../../core/metrics/eventLog.ts";
import type { LoggedSeries } from "../../core/metrics/joinedSeries.ts";
import { JsonLinesLog } from "../../core/metrics/jsonLog.ts";
import type { MetricLog } from "../../core/metrics/metricLog.ts";
import { MlflowMetricLog } from "../../core/metrics/mlflowMetricLog.ts";
import type { Parameters } from "../../core/metrics/parameters.ts";
import type { RunEnd } from "../../core/metrics/runEnd.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { SeriesTable } from "../../core/metrics/seriesTable.ts";
import { WandbLog } from "../../core/metrics/wandbLog.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { ReadAhead } from "./readAhead.ts";

/** The formats that grow at their end. */
const READERS = {
  events: () => new EventLog(),
  csv: (prefix: string) => new CsvLog(prefix),
  jsonl: (prefix: string) => new JsonLinesLog(prefix),
  "mlflow-metric": (tag: string) => new MlflowMetricLog(tag),
  wandb: () => new WandbLog(),
};

export type TailedKind = keyof typeof READERS;

/** Enough of the beginning to see that a file was written anew; of a table, all of the header that Lightning rewrites. */
const HEAD_BYTES = 256;
const MAX_HEAD_BYTES = 64 << 10;
/** What was read last is compared as well: a table of another run has the same header. */
const TAIL_BYTES = 64;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** A log that was not written for so long is idle, and its last line is as whole as it will be. */
const SETTLED_MS = 5 * 60_000;
/** A `trainer_state.json` of a million entries; a larger one is something else. */
const MAX_STATE_BYTES = 200e6;

/** One log file, of which each update reads only what was added. */
export class TailedLog implements LoggedSeries {
  readonly #path: string;
  readonly #begin: () => MetricLog;
  #log: MetricLog;
  #offset = 0;
  #modifiedMs = -1;
  #head = new Uint8Array(0);
  #tail = new Uint8Array(0);
  /** The last line has no end and was taken all the same. */
  #isLastTaken = false;
  #refusal: string | undefined;

  /** `prefix` stands before every tag that the file does not qualify itself; of a metric of MLflow it is the tag. */
  constructor(path: string, kind: TailedKind, prefix: string) {
    this.#path = path;
    this.#begin = () => READERS[kind](prefix);
    this.#log = this.#begin();
  }

  get series(): readonly Series[] {
    return this.#log.table.all();
  }

  /** How many bytes were read or passed over. */
  get offset(): number {
    return this.#offset;
  }

  get axis(): string | undefined {
    return this.#log.axis;
  }

  /** Forgets the values that were read; the next update brings those behind them. */
  forget(): void {
    this.#log.table.clear();
  }

  get restartStep(): number | undefined {
    return this.#log.restartStep;
  }

  get name(): string | undefined {
    return this.#log.name;
  }

  get startedMs(): number | undefined {
    return this.#log.startedMs;
  }

  get end(): RunEnd | undefined {
    return this.#log.end;
  }

  get parameters(): Parameters | undefined {
    return this.#log.parameters;
  }

  get problem(): string | undefined {
    return this.#refusal ?? this.#log.problem;
  }

  /** Reads what was added since the last time, at most so many bytes; a file that is gone keeps what was read. */
  async update(maxBytes = Infinity): Promise<void> {
    this.#refusal = await withFile(this.#path, async (handle) => {
      const { size, mtimeMs } = await handle.stat();
      if (size === this.#offset && mtimeMs === this.#modifiedMs) {
        this.#takeLast(mtimeMs);
        return;
      }
      this.#modifiedMs = mtimeMs;
      if (size < this.#offset || !(await this.#isSame(handle)) || (await this.#isLastLonger(handle))) {
        this.#log = this.#begin();
        this.#offset = 0;
        this.#head = new Uint8Array(0);
        this.#tail = new Uint8Array(0);
      }
      this.#isLastTaken &&= this.#offset === size;
      await this.#readAdded(handle, size, maxBytes);
      if (this.#offset === size) {
        this.#takeLast(mtimeMs);
      }
    });
  }

  #takeLast(modifiedMs: number): void {
    this.#isLastTaken ||= this.#log.takeLast?.(Date.now() - modifiedMs > SETTLED_MS) ?? false;
  }

  /** Whether the last line that was taken without its end goes on. */
  async #isLastLonger(handle: FileHandle): Promise<boolean> {
    const [next = LINE_FEED] = this.#isLastTaken ? await readAt(handle, this.#offset, 1) : [];
    return next !== LINE_FEED && next !== CARRIAGE_RETURN;
  }

  async #isSame(handle: FileHandle): Promise<boolean> {
    const head = await readAt(handle, 0, this.#head.length);
    const tail = await readAt(handle, this.#offset - this.#tail.length, this.#tail.length);
    return isEqual(head, this.#head) && isEqual(tail, this.#tail);
  }

  async #readAdded(handle: FileHandle, size: number, maxBytes: number): Promise<void> {
    const pieces = new ReadAhead(handle);
    let left = maxBytes;
    while (this.#offset < size && left > 0) {
      const passed = Math.min(this.#log.bytesToSkip ?? 0, size - this.#offset);
      if (passed > 0) {
        this.#log.skip?.(passed);
        this.#tail = new Uint8Array(0);
        this.#offset += passed;
        continue;
      }
      const bytes = await pieces.read(this.#offset, Math.min(size, this.#offset + left));
      if (bytes.length === 0) {
        break;
      }
      this.#remember(bytes);
      this.#offset += bytes.length;
      left -= bytes.length;
      this.#log.push(bytes);
      if (this.#offset < size) {
        this.#log.table.expect(size / this.#offset);
      }
    }
  }

  #remember(bytes: Uint8Array): void {
    if (this.#offset === 0) {
      const header = bytes.indexOf(LINE_FEED) + 1;
      this.#head = bytes.slice(0, Math.min(Math.max(HEAD_BYTES, header), MAX_HEAD_BYTES));
    }
    this.#tail = bytes.slice(-TAIL_BYTES);
  }
}

/** A `trainer_state.json` or another document that is written as a whole each time, and so is read as a whole. */
export class WholeDocument implements LoggedSeries {
  readonly #path: string;
  readonly #read: (text: string) => SeriesTable;
  #modifiedMs = -1;
  series: readonly Series[] = [];
  problem: string | undefined;

  constructor(path: string, read: (text: string) => SeriesTable) {
    this.#path = path;
    this.#read = read;
  }

  async update(): Promise<void> {
    let tooLarge: string | undefined;
    const refusal = await withFile(this.#path, async (handle) => {
      const { size, mtimeMs } = await handle.stat();
      if (size > MAX_STATE_BYTES) {
        tooLarge = `The file has ${renderBytes(size)}, and a state of up to ${renderBytes(MAX_STATE_BYTES)} is read. Have the trainer log to TensorBoard as well, whose files may be larger.`;
        return;
      }
      if (mtimeMs === this.#modifiedMs) {
        return;
      }
      const series = this.#read(await handle.readFile("utf8")).all();
      this.#modifiedMs = mtimeMs;
      // While it is written anew it is no JSON for a moment.
      this.series = series.length === 0 ? this.series : series;
    });
    this.problem = refusal ?? tooLarge;
  }
}

/** A file that is gone is left alone. Gives the sentence that says why one that is there cannot be read. */
async function withFile(path: string, use: (handle: FileHandle) => Promise<void>): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) {
      throw error;
    }
    return code === "ENOENT" ? undefined : `The file cannot be read: ${describeFileError(error)}.`;
  }
  try {
    await use(handle);
    return undefined;
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function isEqual(bytes: Uint8Array, known: Uint8Array): boolean {
  return bytes.length === known.length && known.every((byte, index) => bytes[index] === byte);
}
