import { parentPort } from "node:worker_threads";
import { messageOf } from "../../core/base/errors.ts";
import { RunCurves } from "../../core/dashboard/runCurves.ts";
import type { Series } from "../../core/metrics/series.ts";
import { FolderCurves } from "./folderCurves.ts";
import { findLogsIn } from "./foundLogs.ts";
import type { MetricSource } from "./metricSource.ts";
import type {
  FolderQuestion,
  FolderReply,
  MetricsReply,
  MetricsRequest,
  RunCurvesReply,
  RunsQuestion,
} from "./metricsProtocol.ts";
import { RunMetrics } from "./runMetrics.ts";
import { SqliteStores } from "./sqliteStores.ts";

/*
 * The thread that reads curves. It keeps what it has read of each run; one request at a time, in the order they came. A
 * failure ends the thread, and its client says so.
 */
/** More runs than this are looked at one after the other, not together. */
const MAX_KNOWN = 64;
/** What is kept of runs that are not looked at: 480 MB at 24 bytes a value. */
const MAX_KNOWN_VALUES = 20_000_000;

const known = new Map<string, { metrics: RunMetrics; curves: RunCurves }>();
const stores = new SqliteStores();
let last: Promise<unknown> = Promise.resolve();

/** One panel and one answer in the chat may look at two folders at once. */
const MAX_FOLDERS = 2;
const folders = new Map<string, FolderCurves>();

parentPort?.on("message", (request: MetricsRequest) => {
  last = last.then(async () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    parentPort?.postMessage({ id: request.id, ...(await answer(request)) } satisfies MetricsReply);
  });
});

async function answer(request: MetricsRequest): Promise<Omit<MetricsReply, "id">> {
  if ("runs" in request) {
    return { runs: await readRuns(request.runs) };
  }
  return "folder" in request
    ? { folder: await readFolder(request.folder) }
    : { found: await findLogsIn(request.roots) };
}

async function readFolder(question: FolderQuestion): Promise<FolderReply> {
  const curves = folders.get(question.folder) ?? new FolderCurves(question.folder);
  folders.delete(question.folder);
  folders.set(question.folder, curves);
  for (const folder of [...folders.keys()].slice(0, -MAX_FOLDERS)) {
    folders.delete(folder);
  }
  try {
    return await curves.read(question);
  } catch (error) {
    return { runs: [], known: [], problems: [messageOf(error)], lookedFor: "" };
  }
}

async function readRuns({ root, runs, ...detail }: RunsQuestion): Promise<RunCurvesReply[]> {
  const answered: RunCurvesReply[] = [];
  for (const { key, tags, ...logs } of runs) {
    const run = known.get(key) ?? { metrics: new RunMetrics(logs, stores), curves: new RunCurves() };
    const { metrics, curves } = run;
    // The newest last, so that the first is the one that was not asked for the longest time.
    known.delete(key);
    known.set(key, run);
    const problem = await metrics.update(logs).then(() => undefined, messageOf);
    curves.grow(metrics.series);
    const series = curves.draw(detail, tags);
    answered.push({
      key,
      series,
      parameters: metrics.parameters,
      source: problem === undefined ? metrics.source(root) : `no values: ${problem}`,
    });
  }
  forgetOldest(runs.length);
  return answered;
}

/** Forgets the runs that were not asked for the longest time, but none of the newest `asked`. */
function forgetOldest(asked: number): void {
  let values = 0;
  const counted = new Set<MetricSource>();
  for (const [place, [key, { metrics }]] of [...known].toReversed().entries()) {
    values += countValues(metrics.series);
    for (const source of metrics.sources) {
      // A store that several runs share is in memory once.
      if (!counted.has(source)) {
        counted.add(source);
        values += countValues(source.runs.flatMap(({ series }) => series));
      }
    }
    if (place >= asked && (place >= MAX_KNOWN || values > MAX_KNOWN_VALUES)) {
      known.delete(key);
    }
  }
}

function countValues(series: readonly Series[]): number {
  return series.reduce((sum, { values }) => sum + values.length, 0);
}
