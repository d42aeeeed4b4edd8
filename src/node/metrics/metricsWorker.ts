import { parentPort } from "node:worker_threads";
import { messageOf } from "../../core/base/errors.ts";
import { RunCurves } from "../../core/dashboard/runCurves.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { MetricSource } from "./metricSource.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";
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

parentPort?.on("message", (request: MetricsRequest) => {
  last = last.then(() => answer(request));
});

async function answer({ id, root, runs, ...detail }: MetricsRequest): Promise<void> {
  const answered: { key: string; series: MetricsReply["runs"][number]["series"]; source: string }[] = [];
  for (const { key, tags, ...logs } of runs) {
    const run = known.get(key) ?? { metrics: new RunMetrics(logs, stores), curves: new RunCurves() };
    const { metrics, curves } = run;
    // The newest last, so that the first is the one that was not asked for the longest time.
    known.delete(key);
    known.set(key, run);
    const problem = await metrics.update(logs).then(() => undefined, messageOf);
    curves.grow(metrics.series);
    const series = curves.draw(detail, tags);
    answered.push({ key, series, source: problem === undefined ? metrics.source(root) : `no values: ${problem}` });
  }
  forgetOldest(runs.length);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage({ id, runs: answered } satisfies MetricsReply);
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
