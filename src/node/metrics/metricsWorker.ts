import { parentPort } from "node:worker_threads";
import { messageOf } from "../../core/base/errors.ts";
import { MetricsEngine } from "./metricsEngine.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";

/* The thread that reads logs, one question at a time in the order they came. */
const engine = new MetricsEngine();
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (request: MetricsRequest) => {
  last = last.then(() => answer(request));
});

async function answer({ id, query }: MetricsRequest): Promise<void> {
  const reply: MetricsReply = await engine.answer(query).then(
    (frame) => ({ id, frame }),
    (error: unknown) => ({ id, problem: messageOf(error) }),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage(reply);
}
