import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConsoleLogReader } from "../../core/dashboard/consoleLogReader.ts";
import { CsvLogReader } from "../../core/metrics/csvLog.ts";
import { EventFileReader } from "../../core/metrics/eventFile.ts";
import { JsonLinesReader, TrainerStateReader } from "../../core/metrics/jsonLog.ts";
import type { MetricReader, ScalarSink } from "../../core/metrics/metricReader.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";

export type LogKind = "events" | "trainer-state" | "csv" | "jsonl" | "console";

/** The log files of one kind in one folder: what TensorBoard calls a run. */
export type LogFolder = { folder: string; kind: LogKind; files: readonly string[]; modifiedMs: number };

/** Names of files that only logs have; any other CSV or JSONL file is data. */
const NAMES: readonly (readonly [LogKind, RegExp])[] = [
  ["events", /tfevents/],
  ["trainer-state", /^trainer_state\.json$/],
  ["csv", /^(?:metrics|results|summary|steps|epochs|progress|history|training(?:_log)?|log|scalars)\.csv$/i],
  ["jsonl", /^(?:trainer_log|metrics|log|logs|train_log|training_log|history|scalars|progress)\.(?:jsonl|ndjson)$/i],
  ["jsonl", /^result\.json$/],
];

const READERS: Readonly<Record<LogKind, new (sink: ScalarSink) => MetricReader>> = {
  events: EventFileReader,
  "trainer-state": TrainerStateReader,
  csv: CsvLogReader,
  jsonl: JsonLinesReader,
  console: ConsoleLogReader,
};

export function openReader(kind: LogKind, sink: ScalarSink): MetricReader {
  return new READERS[kind](sink);
}

/** The kind that a file's name says; undefined for no log. */
function kindOfFile(path: string): LogKind | undefined {
  return NAMES.find(([, pattern]) => pattern.test(basename(path)))?.[0];
}

/**
 * Every folder below that holds logs. A training often writes the same values in two ways, so of one folder the kind
 * that stands first in the list is taken.
 */
export async function findLogFolders(root: string, signal?: AbortSignal): Promise<LogFolder[]> {
  const { files } = await walkWorkspace(root, { signal });
  const byFolder = new Map<string, Map<LogKind, string[]>>();
  for (const { path } of files) {
    const kind = kindOfFile(path);
    if (kind !== undefined) {
      const full = join(root, path);
      const kinds = byFolder.get(dirname(full)) ?? new Map<LogKind, string[]>();
      kinds.set(kind, [...(kinds.get(kind) ?? []), full]);
      byFolder.set(dirname(full), kinds);
    }
  }
  return Promise.all([...byFolder].map(([folder, kinds]) => chooseKind(folder, kinds)));
}

async function chooseKind(folder: string, kinds: ReadonlyMap<LogKind, readonly string[]>): Promise<LogFolder> {
  const kind = NAMES.map(([each]) => each).find((each) => kinds.has(each)) ?? "csv";
  // Event files carry their time in their name: in order of names, a restart comes after what it restarts.
  const files = (kinds.get(kind) ?? []).toSorted();
  const times = await Promise.all(files.map((file) => modifiedMsOf(file)));
  return { folder, kind, files, modifiedMs: Math.max(...times) };
}

/** 0 for a file that is gone by now. */
async function modifiedMsOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
