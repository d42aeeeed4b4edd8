import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ThreadClient } from "../base/threadClient.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";

export type MetricsClient = ThreadClient<MetricsRequest, MetricsReply>;

/** Asks a worker thread for curves; it keeps what it read, so that the next question costs what was added. */
export function openMetrics(): MetricsClient {
  return new ThreadClient(
    workerPath(),
    { name: "trainyard curves" },
    "Reading the curves was stopped before it was done. Open them again.",
  );
}

/** The build puts the worker beside the chunk this file is in; from the sources it is the file next to this one. */
function workerPath(): string {
  const extension = extname(fileURLToPath(import.meta.url));
  return fileURLToPath(new URL(`./metricsWorker${extension}`, import.meta.url));
}
