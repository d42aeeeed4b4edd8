import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { mlflowEnd, type RunEnd } from "../../core/metrics/runEnd.ts";
import { errorCode } from "../base/fileErrors.ts";
import type { LoggedRun, MetricSource } from "./metricSource.ts";
import { TailedLog } from "./tailedLog.ts";

/** A metric whose name has slashes lies in folders. */
const MAX_DEPTH = 5;
const MAX_FILES = 10_000;

/** One run in MLflow's file store: `meta.yaml`, and below `metrics` a file for each metric. */
export class MlflowRunFolder implements MetricSource {
  readonly #path: string;
  readonly #metrics = new Map<string, TailedLog>();
  #name: string | undefined;
  #startedMs: number | undefined;
  #isDeleted = false;
  #end: RunEnd | undefined;
  /** What was logged once is never changed; what is empty is read again. */
  readonly #parameters = new Map<string, string>();

  constructor(path: string) {
    this.#path = path;
  }

  get runs(): readonly LoggedRun[] {
    if (this.#isDeleted) {
      return [];
    }
    const series = [...this.#metrics.values()].flatMap((log) => log.series);
    const parameters = Object.fromEntries(this.#parameters);
    return [{ place: this.#path, name: this.#name, startedMs: this.#startedMs, end: this.#end, series, parameters }];
  }

  async update(): Promise<void> {
    const meta = await readFile(join(this.#path, "meta.yaml"), "utf8").catch(() => "");
    this.#name = /^run_name: *["']?(.+?)["']? *$/m.exec(meta)?.[1] ?? this.#name;
    this.#isDeleted = /^lifecycle_stage: *["']?deleted["']? *$/m.test(meta);
    const started = /^start_time: *(\d+) *$/m.exec(meta)?.[1];
    this.#startedMs = started === undefined ? this.#startedMs : Number(started);
    this.#end = mlflowEnd(/^status: *(\d) *$/m.exec(meta)?.[1] ?? "");
    for (const tag of await listMlflowMetrics(this.#path)) {
      const log = this.#metrics.get(tag) ?? new TailedLog(join(this.#path, "metrics", tag), "mlflow-metric", tag);
      this.#metrics.set(tag, log);
      await log.update();
    }
    await this.#readParameters();
  }

  async #readParameters(): Promise<void> {
    for (const name of await listFiles(join(this.#path, "params"))) {
      // A file that is being written has no text yet.
      if ((this.#parameters.get(name) ?? "") === "") {
        this.#parameters.set(name, await readFile(join(this.#path, "params", name), "utf8").catch(() => ""));
      }
    }
  }
}

/** The names of the metrics of a run, which are the paths of their files below `metrics`. */
export function listMlflowMetrics(run: string): Promise<string[]> {
  return listFiles(join(run, "metrics"));
}

/** The files below a folder by their paths in it: a name with slashes lies in folders. */
async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await entriesOf(join(root, folder))) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() && found.length < MAX_FILES) {
        found.push(name);
      } else if (entry.isDirectory() && depth < MAX_DEPTH) {
        await visit(name, depth + 1);
      }
    }
  };
  await visit("", 0);
  return found.toSorted();
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return [];
  }
}
