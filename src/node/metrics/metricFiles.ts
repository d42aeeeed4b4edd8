import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../base/fileErrors.ts";

export type MetricFileKind = "events" | "csv" | "jsonl" | "trainer-state";

export type MetricFile = {
  path: string;
  kind: MetricFileKind;
  modifiedMs: number;
  /** The folder that stands for the run whose log it is. */
  run: string;
};

/** Logs lie a folder or two below the one that a script is told. */
const MAX_DEPTH = 4;
/** A larger text is data with a log's name. Event files grow with pictures, which are passed over. */
const MAX_TEXT_BYTES = 256e6;
/** A folder with more entries holds data. */
const MAX_ENTRIES = 5_000;

/** The logs of metrics in a folder and below, by their names, sorted by path. A folder that is not there has none. */
export async function findMetricFiles(folder: string): Promise<MetricFile[]> {
  const found: MetricFile[] = [];
  let looked = 0;
  const waiting = [{ path: folder, depth: 0 }];
  for (let next = waiting.shift(); next !== undefined && looked < MAX_ENTRIES; next = waiting.shift()) {
    for (const entry of await listFolder(next.path)) {
      looked += 1;
      const path = join(next.path, entry.name);
      if (entry.isDirectory() && next.depth < MAX_DEPTH) {
        waiting.push({ path, depth: next.depth + 1 });
      }
      const kind = entry.isFile() ? metricFileKind(entry.name) : undefined;
      const known = kind && (await stat(path).catch(() => undefined));
      if (kind !== undefined && known && (kind === "events" || known.size <= MAX_TEXT_BYTES)) {
        found.push({ path, kind, modifiedMs: known.mtimeMs, run: runFolderOf(next.path, kind) });
      }
    }
  }
  return withoutOldStates(found).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The Hugging Face Trainer writes its state into each checkpoint of a run. */
function runFolderOf(folder: string, kind: MetricFileKind): string {
  return kind === "trainer-state" && /^checkpoint-\d+$/.test(basename(folder)) ? dirname(folder) : folder;
}

/** The newest state of a run tells all that the earlier ones do. */
function withoutOldStates(files: readonly MetricFile[]): MetricFile[] {
  const newest = new Map<string, MetricFile>();
  for (const file of files.filter(({ kind }) => kind === "trainer-state")) {
    if (file.modifiedMs > (newest.get(file.run)?.modifiedMs ?? -1)) {
      newest.set(file.run, file);
    }
  }
  return files.filter((file) => file.kind !== "trainer-state" || newest.get(file.run) === file);
}

/** What a file name says about the format; undefined for a file that is no log of metrics. */
function metricFileKind(path: string): MetricFileKind | undefined {
  const name = basename(path);
  if (name.includes("tfevents")) {
    return "events";
  }
  if (name === "trainer_state.json") {
    return "trainer-state";
  }
  if (/^(?:metrics|results|summary|progress|history|training|train|log|steps|epochs)[\w.-]*\.csv$/i.test(name)) {
    return "csv";
  }
  const isLog = /^(?:\w+_)?(?:metrics|results|progress|history|log|train|trainer_log|eval|val)[\w.-]*\.jsonl$/i.test(
    name,
  );
  return isLog || name === "log.txt" ? "jsonl" : undefined;
}

async function listFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) {
      return [];
    }
    throw error;
  }
}
