import { parentPort, workerData } from "node:worker_threads";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import { rankAgents } from "../../core/knowledge/triggers/rankAgents.ts";
import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import { FactIndex } from "./factIndex.ts";
import type { FactsReply, FactsRequest, ReadingReply, ReadingRequest } from "./factsProtocol.ts";
import { readFiles, sharedReading } from "./readFiles.ts";

/*
 * The thread that reads a workspace folder. One request at a time, in the order they came; a failure ends the thread,
 * and its client says so.
 */
const folder = String(workerData);
const helper = new ThreadClient<ReadingRequest, ReadingReply>(
  workerPath(import.meta.url, "readingWorker"),
  { workerData: folder, name: "trainyard reading" },
  `Reading ${folder} was stopped before it was done. Ask again.`,
);
const index = new FactIndex(folder, {
  read: sharedReading((paths) => readFiles(folder, paths), readWithHelper),
});
let last: Promise<unknown> = Promise.resolve();
let isScanned = false;

parentPort?.on("message", (request: FactsRequest) => {
  last = last.then(() => answer(request));
});

async function readWithHelper(paths: readonly string[]): Promise<readonly (Reading | null)[]> {
  const { readings } = await helper.ask({ paths });
  const read: readonly (Reading | null)[] = JSON.parse(readings);
  return read;
}

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
