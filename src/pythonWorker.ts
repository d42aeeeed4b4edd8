import { parentPort } from "node:worker_threads";
import { messageOf } from "./core/base/errors.ts";
import { loadPythonParser } from "./node/base/pythonParser.ts";
import { answerPythonRequest, type WorkerAnswer, type WorkerRequest } from "./node/base/pythonRequests.ts";

/** The thread that parses Python: one request after the other, in the order in which they came. */
async function answer({ id, kind, input }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    return { id, result: answerPythonRequest(await loadPythonParser(), kind, input) };
  } catch (error) {
    // The thread's boundary: what is thrown here rejects the request on the other side.
    return { id, error: messageOf(error) };
  }
}

parentPort?.on("message", (request: WorkerRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void answer(request).then((done) => parentPort?.postMessage(done));
});
