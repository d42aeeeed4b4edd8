import type { Dirent } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { listFolder } from "../base/listFolder.ts";
import { FolderQueue } from "./folderQueue.ts";
import { FollowedLinks } from "./followedLinks.ts";
import { beginsAsDocument, beginsAsJson, isHistory, isMetricTable } from "./metricLook.ts";
import { listMlflowMetrics } from "./mlflowRunFolder.ts";
import { findUnnamedLogs, type UnnamedFolder } from "./unnamedLogs.ts";

/** An `mlflow-run` is a folder of MLflow's file store, a `sqlite` the store of MLflow or Trackio, `json` a document, `printed` a text. */
export type MetricFileKind =
  | "events"
  | "csv"
  | "jsonl"
  | "json"
  | "trainer-state"
  | "wandb"
  | "mlflow-run"
  | "sqlite"
  | "printed";

export type MetricFile = {
  path: string;
  kind: MetricFileKind;
  modifiedMs: number;
  /** Of a run of MLflow's file store 0, for it is many files. */
  sizeBytes: number;
  /** The folder that stands for the run whose log it is. */
  run: string;
};

/** What a file system rounds a time by. More would take the last words of the run before for this one's. */
export const ROUNDING_MS = 20;
/** Below `logs`, templates for Hydra and Lightning have `train/runs/<time>/csv/version_0`, and its sweeps one folder more. */
const MAX_DEPTH = 7;
/**
 * Checkpoints are copied within so long. A training that began anew with the same seed tells the same as the one before, so
 * that only the times of all its states together speak against a copy: it shall not be shown as the one before for longer.
 */
const MAX_COPY_MS = 120_000;
/** Libraries bring tables with such names of their own. */
const PACKAGES = new Set([".git", ".venv", "venv", "node_modules", "site-packages", "__pycache__"]);
/** Data sets are called so as well, and Keras' `training.log` like what others print: only a look inside tells. */
const DOUBTFUL_NAME = /^train[\w.-]*\.csv$|^(?:train|training|history|metrics)[\w.-]*\.log$/i;
/** Keras' `history.history` is saved by hand, and so has no name of its own. */
const DOCUMENT_NAME = /^(?:[\w.-]*[_.-])?(?:history|losses|metrics|results|log|logs)\.json$/i;

/** The logs of metrics in a folder and below, or a log itself, by their names, sorted by path. What is not there has none. */
export async function findMetricFiles(root: string): Promise<MetricFile[]> {
  const { named, links } = await walk(root);
  return byPath(links.withoutRepeated(named));
}

/**
 * The same with logs that have names of their own, such as `lr 0.1.csv` or `slurm-17.out`, each as a run of its own; and
 * the folders that were not looked through because there is too much beside logs.
 */
export async function lookForMetricFiles(root: string): Promise<{ files: MetricFile[]; unseen: readonly string[] }> {
  const { named, others, links, unseen } = await walk(root);
  const found: (MetricFile | undefined)[] = [];
  const unnamed = await findUnnamedLogs(
    others,
    named.map(({ path }) => dirname(path)),
  );
  for (const { path, kind } of unnamed.logs) {
    found.push(await lookAt(path, path, kind));
  }
  const files = links.withoutRepeated([...named, ...found.flatMap((file) => file ?? [])]);
  return { files: byPath(files), unseen: [...unseen, ...unnamed.unseen] };
}

type Walked = {
  named: MetricFile[];
  others: readonly UnnamedFolder[];
  links: FollowedLinks;
  unseen: readonly string[];
};

async function walk(root: string): Promise<Walked> {
  const found: (MetricFile | undefined)[] = [await lookAtItself(root)];
  const others: UnnamedFolder[] = [];
  const folders = new FolderQueue(root);
  const links = new FollowedLinks(root);
  for (let next = folders.take(); next !== undefined; next = folders.take()) {
    const entries = await listFolder(next.path);
    const before = found.length;
    if (isMlflowRun(entries)) {
      found.push(await lookAtMlflowRun(next.path));
      continue;
    }
    const names: string[] = [];
    for (const entry of entries) {
      const path = join(next.path, entry.name);
      const target = await links.targetOf(entry, path);
      if (target?.kind === "folder" && next.depth < MAX_DEPTH && !PACKAGES.has(entry.name)) {
        if (links.enter(path, target)) {
          folders.add(entry.name, next);
        }
      } else if (target?.kind === "file") {
        names.push(entry.name);
        found.push(await lookAt(path, next.path, await metricFileKind(path)));
      }
    }
    if (found.slice(before).every((file) => file === undefined)) {
      folders.noteVain(next, entries.length);
      others.push({ folder: next.path, names });
    }
  }
  const named = withoutOldStates(found.flatMap((file) => file ?? []));
  return { named, others, links, unseen: [...folders.unseen, ...links.unseen] };
}

function byPath(files: readonly MetricFile[]): MetricFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A log that somebody names is one whatever it is called; its folder stands for its run where the name is a usual one. */
async function lookAtItself(path: string): Promise<MetricFile | undefined> {
  const kind = await metricFileKind(path);
  return kind === undefined ? lookAt(path, path, await kindByEnding(path)) : lookAt(path, dirname(path), kind);
}

async function lookAt(path: string, folder: string, kind?: MetricFileKind): Promise<MetricFile | undefined> {
  const known = kind && (await stat(path).catch(() => undefined));
  if (kind === undefined || !known?.isFile()) {
    return undefined;
  }
  // What was committed last may stand in the write-ahead log alone.
  const log = kind === "sqlite" ? await stat(`${path}-wal`).catch(() => undefined) : undefined;
  const modifiedMs = Math.max(known.mtimeMs, log?.mtimeMs ?? 0);
  return { path, kind, modifiedMs, sizeBytes: known.size, run: kind === "sqlite" ? path : runFolderOf(folder, kind) };
}

function isMlflowRun(entries: readonly Dirent[]): boolean {
  const names = entries.map(({ name }) => name);
  return names.includes("meta.yaml") && names.includes("metrics");
}

async function lookAtMlflowRun(path: string): Promise<MetricFile> {
  const metrics = await listMlflowMetrics(path);
  const times = await Promise.all(
    metrics.map(async (metric) => (await stat(join(path, "metrics", metric)).catch(() => undefined))?.mtimeMs ?? 0),
  );
  const modifiedMs = times.reduce((newest, time) => Math.max(newest, time), 0);
  return { path, kind: "mlflow-run", modifiedMs, sizeBytes: 0, run: path };
}

/** The Hugging Face Trainer writes its state into each checkpoint of a run. */
function runFolderOf(folder: string, kind: MetricFileKind): string {
  return kind === "trainer-state" && checkpointStepOf(folder) !== undefined ? dirname(folder) : folder;
}

/** The run itself is none, also where its own name ends with a number. */
function checkpointStepOf(folder: string): number | undefined {
  const step = /^checkpoint-(\d+)$/.exec(basename(folder))?.[1];
  return step === undefined ? undefined : Number(step);
}

/**
 * The newest state of a run tells all that the earlier ones do. Where checkpoints were copied, nobody knows by their times
 * which one that is: then the last by its number is given as well, and what they tell decides.
 */
function withoutOldStates(files: readonly MetricFile[]): MetricFile[] {
  const states = files.filter(({ kind }) => kind === "trainer-state");
  const newest = lastByRun(states, ({ modifiedMs }) => modifiedMs);
  const oldest = lastByRun(states, ({ modifiedMs }) => -modifiedMs);
  const furthest = lastByRun(states, ({ path }) => checkpointStepOf(dirname(path)) ?? Infinity);
  const mayBeCopied = (run: string) =>
    (newest.get(run)?.modifiedMs ?? 0) - (oldest.get(run)?.modifiedMs ?? 0) <= MAX_COPY_MS;
  return files.filter(
    (file) =>
      file.kind !== "trainer-state" ||
      newest.get(file.run) === file ||
      (furthest.get(file.run) === file && mayBeCopied(file.run)),
  );
}

function lastByRun(files: readonly MetricFile[], placeOf: (file: MetricFile) => number): Map<string, MetricFile> {
  const last = new Map<string, MetricFile>();
  for (const file of files) {
    const known = last.get(file.run);
    if (known === undefined || placeOf(file) > placeOf(known)) {
      last.set(file.run, file);
    }
  }
  return last;
}

/** The format of a file, by its name and where that does not tell by its beginning; undefined for what is no log of metrics. */
async function metricFileKind(path: string): Promise<MetricFileKind | undefined> {
  const name = basename(path);
  if (DOUBTFUL_NAME.test(name)) {
    return (await isMetricTable(path)) ? "csv" : undefined;
  }
  if (name.includes("tfevents")) {
    return "events";
  }
  if (name === "trainer_state.json") {
    return "trainer-state";
  }
  if (/^run-.*\.wandb$/.test(name)) {
    return "wandb";
  }
  if (/\.(?:db|sqlite3?)$/.test(name)) {
    return "sqlite";
  }
  if (/^(?:metrics|results|summary|progress|history|log|steps|epochs)[\w.-]*\.csv$/i.test(name)) {
    return "csv";
  }
  const isLog = /^(?:\w+_)?(?:metrics|results|progress|history|log|train|trainer_log|eval|val)[\w.-]*\.jsonl$/i.test(
    name,
  );
  // MMEngine's and Stable-Baselines3's have JSON lines; a `result.json` is mostly one object of an evaluation.
  const isJson = ["scalars.json", "progress.json"].includes(name) || (name === "log.txt" && (await beginsAsJson(path)));
  if (isLog || isJson) {
    return "jsonl";
  }
  return DOCUMENT_NAME.test(name) && (await isHistory(path)) ? "json" : undefined;
}

async function kindByEnding(path: string): Promise<MetricFileKind | undefined> {
  const [, ending = ""] = /\.(csv|jsonl|ndjson|json)$/i.exec(path) ?? [];
  if (ending.toLowerCase() === "json" && (await beginsAsDocument(path))) {
    return "json";
  }
  return ending === "" ? undefined : ending.toLowerCase() === "csv" ? "csv" : "jsonl";
}
