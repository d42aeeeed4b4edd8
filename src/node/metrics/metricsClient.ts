import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";

export type MetricsClient = ThreadClient<MetricsRequest, MetricsReply>;

/** Asks a worker thread for curves; it keeps what it read, so that the next question costs what was added. */
export function openMetrics(): MetricsClient {
  return new ThreadClient(
    workerPath(import.meta.url, "metricsWorker"),
    { name: "trainyard curves" },
    "Reading the curves was stopped before it was done. Open them again.",
  );
}
