import { parentPort, workerData } from "node:worker_threads";
import type { ReadingReply, ReadingRequest } from "./factsProtocol.ts";
import { readFiles } from "./readFiles.ts";

/* The thread that helps to read the files of a large workspace folder. A failure ends it, and its client says so. */
const root = String(workerData);
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (request: ReadingRequest) => {
  last = last.then(() => answer(request));
});

async function answer({ id, paths }: ReadingRequest): Promise<void> {
  const reply: ReadingReply = { id, readings: JSON.stringify(await readFiles(root, paths)) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  parentPort?.postMessage(reply);
}
