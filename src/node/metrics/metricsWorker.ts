import { parentPort } from "node:worker_threads";
import { curveSeries } from "../../core/dashboard/curveSeries.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";
import { RunMetrics } from "./runMetrics.ts";

/*
 * The thread that reads curves. It keeps what it has read of each run; one request at a time, in the order they came. A
 * failure ends the thread, and its client says so.
 */
const known = new Map<string, RunMetrics>();
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (request: MetricsRequest) => {
  last = last.then(() => answer(request));
});

async function answer({ id, root, runs, maxPoints }: MetricsRequest): Promise<void> {
  const answered: { key: string; series: MetricsReply["runs"][number]["series"]; source: string }[] = [];
  for (const { key, ...logs } of runs) {
    const metrics = known.get(key) ?? new RunMetrics(logs);
    known.set(key, metrics);
    await metrics.update(logs);
    const series = metrics.series.flatMap((each) => curveSeries(each, maxPoints) ?? []);
    answered.push({ key, series, source: metrics.source(root) });
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage({ id, runs: answered } satisfies MetricsReply);
}
