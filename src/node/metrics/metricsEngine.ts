import { relative } from "node:path";
import type { CurveView } from "../../core/dashboard/curveData.ts";
import type { CurvesFrame, RunSource } from "../../core/dashboard/curveMessages.ts";
import { findLogFolders, type LogFolder } from "./metricFiles.ts";
import { RunLogs } from "./runLogs.ts";

/** File times and our clock differ by what a file system rounds, and a writer flushes once more at its end. */
const CLOCK_SLACK_MS = 5_000;
/** A search through all folders costs more than reading what was added to known files. */
const RESCAN_AFTER_MS = 3_000;

export type MetricsQuery = {
  roots: readonly string[];
  runs: readonly RunSource[];
  /** Absent: summaries only. */
  view?: CurveView | undefined;
  /** The version of the frame that the asker has: while it is the newest, no curves are made. */
  knownVersion?: number | undefined;
};

/** Finds and reads every log below some folders, and keeps what it read for the next question. */
export class MetricsEngine {
  readonly #logs = new Map<string, RunLogs>();
  #folders: LogFolder[] = [];
  #version = 0;
  #shownKeys = "";
  #scannedRoots = "";
  #scannedAt = Number.NEGATIVE_INFINITY;

  async answer(query: MetricsQuery, signal?: AbortSignal): Promise<CurvesFrame> {
    const searched = rootsOf(query);
    await this.#scan(searched, signal);
    const logs = this.#assign(query);
    let hasChanged = false;
    for (const { run, files } of logs) {
      hasChanged = (await run.update(files, signal)) || hasChanged;
    }
    const shown = logs.map(({ run }) => run).filter(({ series }) => series.byTag.size > 0);
    const keys = shown.map(({ key, source }) => `${key} ${source?.state}`).join("\n");
    if (hasChanged || keys !== this.#shownKeys) {
      this.#version++;
      this.#shownKeys = keys;
    }
    const newestFirst = shown.toSorted((a, b) => (b.source?.startedMs ?? 0) - (a.source?.startedMs ?? 0));
    const { view } = query;
    const isWanted = view !== undefined && query.knownVersion !== this.#version;
    return {
      runs: newestFirst.map((run) => run.describe()),
      curves: isWanted ? newestFirst.flatMap((run) => run.curves(view)) : [],
      version: this.#version,
      searched,
    };
  }

  /** Every folder of logs with the run that wrote it, and what was printed of each run that wrote none. */
  #assign({ roots, runs }: MetricsQuery): { run: RunLogs; files: readonly string[] }[] {
    const writers = new Set<string>();
    const folders = this.#folders.map(({ folder, kind, files, modifiedMs }) => {
      const source = runs.find((run) => wroteInto(run, folder, modifiedMs));
      writers.add(source?.id ?? "");
      return { run: this.#open(folder, kind, { name: nameOf(folder, roots, source), source }), files };
    });
    const printed = runs
      .filter(({ id }) => !writers.has(id))
      .map((source) => ({
        run: this.#open(source.consoleLog, "console", { name: `${source.title} · printed`, source }),
        files: [source.consoleLog],
      }));
    return [...folders, ...printed];
  }

  #open(key: string, kind: LogFolder["kind"], named: { name: string; source: RunSource | undefined }): RunLogs {
    const run = this.#logs.get(key) ?? new RunLogs(key, kind);
    this.#logs.set(key, run);
    run.name = named.name;
    run.source = named.source;
    return run;
  }

  async #scan(roots: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const scanned = roots.join("\n");
    if (scanned === this.#scannedRoots && performance.now() - this.#scannedAt < RESCAN_AFTER_MS) {
      return;
    }
    const found = await Promise.all(roots.map((root) => findLogFolders(root, signal)));
    this.#folders = found.flat();
    this.#scannedRoots = scanned;
    this.#scannedAt = performance.now();
  }
}

/** The folders, and the log folders of runs outside of them. */
function rootsOf({ roots, runs }: MetricsQuery): string[] {
  const places = [...roots];
  for (const { logFolder } of runs) {
    if (logFolder !== undefined && !places.some((place) => isInside(logFolder, place))) {
      places.push(logFolder);
    }
  }
  return places;
}

/** A run wrote the logs of its folder that were last changed while it ran. */
function wroteInto({ logFolder, startedMs, endedMs }: RunSource, folder: string, modifiedMs: number): boolean {
  return (
    logFolder !== undefined &&
    isInside(folder, logFolder) &&
    modifiedMs >= startedMs - CLOCK_SLACK_MS &&
    modifiedMs <= (endedMs ?? Number.POSITIVE_INFINITY) + CLOCK_SLACK_MS
  );
}

function isInside(path: string, folder: string): boolean {
  return !relative(folder, path).startsWith("..");
}

function nameOf(folder: string, roots: readonly string[], source: RunSource | undefined): string {
  const root = roots.find((each) => isInside(folder, each));
  const place = root === undefined ? folder : relative(root, folder) || ".";
  return source === undefined ? place : `${source.title} · ${place}`;
}
