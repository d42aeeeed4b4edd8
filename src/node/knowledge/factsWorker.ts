import { parentPort, workerData } from "node:worker_threads";
import { rankAgents } from "../../core/knowledge/triggers/rankAgents.ts";
import { FactIndex } from "./factIndex.ts";
import type { FactsReply, FactsRequest } from "./factsProtocol.ts";

/*
 * The thread that reads a workspace folder. One request at a time, in the order they came; a failure ends the thread,
 * and its client says so.
 */
const index = new FactIndex(String(workerData));
let last: Promise<unknown> = Promise.resolve();
let isScanned = false;

parentPort?.on("message", (request: FactsRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: FactsRequest): Promise<void> {
  const started = performance.now();
  if (request.rescan || !isScanned) {
    await index.scan();
    isScanned = true;
  } else {
    await index.update(request.changed);
  }
  const reply: FactsReply = {
    id: request.id,
    facts: index.facts(request.settings),
    ranking: request.agents.length === 0 ? [] : rankAgents(request.agents, index.evidence(request.settings)),
    filesRead: index.filesRead,
    milliseconds: performance.now() - started,
  };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage(reply);
}
