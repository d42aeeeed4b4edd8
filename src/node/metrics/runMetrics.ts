import { open } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { ConsoleLog } from "../../core/metrics/consoleLog.ts";
import { joinSeries, type Series } from "../../core/metrics/series.ts";
import { createLogReader } from "../../core/training/runLog.ts";
import { errorCode } from "../base/fileErrors.ts";
import { findMetricFiles, type MetricFile, type MetricFileKind } from "./metricFiles.ts";
import { TailedLog } from "./tailedLog.ts";

/** Where the values of a run may be. Times in milliseconds since 1970. */
export type RunLogs = {
  /** What the training was told to log to; absent where nobody knows. */
  folder?: string;
  /** What it printed, in the supervisor's format. */
  console?: string;
  startedMs: number;
  /** Absent while it runs. */
  endedMs?: number;
};

/** What a file system rounds a time by. More would take the last words of the run before for this one's. */
const ROUNDING_MS = 20;
/** A writer may close its file a moment after the process is seen to have ended. */
const CLOSING_MS = 2_000;
const CHUNK_BYTES = 1 << 20;

/** The most exact first; a run that logs the same to several is shown once. */
const PREFERENCE: readonly (readonly MetricFileKind[])[] = [["events"], ["trainer-state"], ["csv"], ["jsonl"]];

/** The curves of one run, of which each update reads what was added. */
export class RunMetrics {
  #logs: RunLogs;
  readonly #files = new Map<string, TailedLog>();
  #chosen: readonly TailedLog[] = [];
  #console = new ConsoleLog();
  #consoleReader = createLogReader();
  #consoleOffset = 0;

  constructor(logs: RunLogs) {
    this.#logs = logs;
  }

  /** Reads what is new. `logs` tells the end of a run that has ended meanwhile. */
  async update(logs: RunLogs = this.#logs): Promise<void> {
    this.#logs = logs;
    const files =
      logs.folder === undefined ? [] : (await findMetricFiles(logs.folder)).filter((file) => this.#isOwn(file));
    const kinds = PREFERENCE.find((wanted) => files.some(({ kind }) => wanted.includes(kind))) ?? [];
    const chosen = files.filter(({ kind }) => kinds.includes(kind));
    this.#chosen = chosen.map((file) => this.#tail(file, chosen));
    for (const log of this.#chosen) {
      await log.update();
    }
    if (this.#chosen.every(({ series }) => series.length === 0)) {
      await this.#readConsole();
    }
  }

  get series(): readonly Series[] {
    const fromFiles = joinFolders(this.#chosen, this.#logs.folder);
    return fromFiles.length > 0 ? fromFiles : this.#console.table.all();
  }

  /** Where the values are from, or where they were looked for: the end of a sentence. */
  source(root: string): string {
    const used = this.#chosen.filter(({ series }) => series.length > 0);
    const problems = this.#chosen.flatMap(({ problem }) => problem ?? []);
    if (used.length > 0) {
      const [first] = used;
      const name = relative(root, first?.file.path ?? "");
      return [used.length > 1 ? `${name} and ${used.length - 1} more` : name, ...problems].join(". ");
    }
    if (this.#console.table.all().length > 0) {
      return "what the training printed";
    }
    const { folder } = this.#logs;
    const looked = folder === undefined ? "" : `${relative(root, folder) || "."} and `;
    return `no values yet; looked in ${looked}what the training printed`;
  }

  #isOwn({ modifiedMs }: MetricFile): boolean {
    const { startedMs, endedMs = Infinity } = this.#logs;
    return modifiedMs >= startedMs - ROUNDING_MS && modifiedMs <= endedMs + CLOSING_MS;
  }

  #tail(file: MetricFile, chosen: readonly MetricFile[]): TailedLog {
    const known = this.#files.get(file.path);
    if (known !== undefined) {
      return known;
    }
    const folder = dirname(file.path);
    const hasSiblings = chosen.some((other) => other !== file && dirname(other.path) === folder);
    const log = new TailedLog(file, hasSiblings);
    this.#files.set(file.path, log);
    return log;
  }

  async #readConsole(): Promise<void> {
    const path = this.#logs.console;
    const handle = path === undefined ? undefined : await openOrNothing(path);
    if (handle === undefined) {
      return;
    }
    try {
      const { size } = await handle.stat();
      while (this.#consoleOffset < size) {
        const buffer = new Uint8Array(Math.min(CHUNK_BYTES, size - this.#consoleOffset));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#consoleOffset);
        if (bytesRead === 0) {
          break;
        }
        this.#consoleOffset += bytesRead;
        for (const { text, end, time } of this.#consoleReader.push(buffer.subarray(0, bytesRead))) {
          if (end !== "return") {
            this.#console.addLine(text, time === undefined ? Number.NaN : Date.parse(time));
          }
        }
      }
    } finally {
      await handle.close();
    }
  }
}

/** Files of one folder go on with each other; those of several folders are told apart by the folder, as TensorBoard does. */
function joinFolders(logs: readonly TailedLog[], root: string | undefined): Series[] {
  const folders = [...new Set(logs.map(({ file }) => dirname(file.path)))];
  return folders.flatMap((folder) => {
    const joined = joinSeries(logs.filter(({ file }) => dirname(file.path) === folder));
    const place = folders.length === 1 || root === undefined ? "" : relative(root, folder).replaceAll("\\", "/");
    return place === "" ? joined : joined.map((series) => ({ ...series, tag: `${place}/${series.tag}` }));
  });
}

async function openOrNothing(path: string) {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** The runs below a folder of logs that no supervisor knows: each folder with logs of its own is one. */
export async function readLogFolder(root: string): Promise<{ name: string; series: readonly Series[] }[]> {
  const files = await findMetricFiles(root);
  const folders = [...new Set(files.map(({ path }) => dirname(path)))];
  const runs: { name: string; series: readonly Series[] }[] = [];
  for (const folder of folders) {
    const own = files.filter(({ path }) => dirname(path) === folder);
    const kinds = PREFERENCE.find((wanted) => own.some(({ kind }) => wanted.includes(kind))) ?? [];
    const chosen = own.filter(({ kind }) => kinds.includes(kind));
    const logs = chosen.map((file) => new TailedLog(file, chosen.length > 1));
    for (const log of logs) {
      await log.update();
    }
    runs.push({ name: relative(root, folder) || basename(root), series: joinSeries(logs) });
  }
  return runs.filter(({ series }) => series.length > 0);
}
