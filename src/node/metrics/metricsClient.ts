import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import type { CurvesFrame } from "../../core/dashboard/curveMessages.ts";
import type { MetricsQuery } from "./metricsEngine.ts";
import type { MetricsReply, MetricsRequest } from "./metricsProtocol.ts";

type Waiting = { resolve: (frame: CurvesFrame) => void; reject: (error: unknown) => void };

/** Asks a worker thread for curves, which keeps what it read. It starts with the first question and keeps no process alive. */
export class MetricsClient implements Disposable {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** Refuses where the worker failed; the next question starts another. */
  async ask(query: MetricsQuery): Promise<CurvesFrame> {
    const worker = (this.#worker ??= this.#start());
    const request: MetricsRequest = { id: ++this.#lastId, query };
    worker.ref();
    const answer = new Promise<CurvesFrame>((resolve, reject) => this.#waiting.set(request.id, { resolve, reject }));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage(request);
    return await answer;
  }

  [Symbol.dispose](): void {
    void this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerPath(), { name: "trainyard metrics" });
    worker.on("message", (reply: MetricsReply) => this.#settle(worker, reply));
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", () => this.#fail(worker, new UserError("Reading the logs was stopped. Ask again.")));
    return worker;
  }

  #settle(worker: Worker, reply: MetricsReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("frame" in reply) {
      waiting?.resolve(reply.frame);
    } else {
      waiting?.reject(new UserError(reply.problem));
    }
    if (this.#waiting.size === 0) {
      worker.unref();
    }
  }

  #fail(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) {
      this.#worker = undefined;
    }
    this.#waiting.forEach(({ reject }) => reject(cause));
    this.#waiting.clear();
  }
}

/** The build puts the worker beside the chunk this file is in; from the sources it is the file next to this one. */
function workerPath(): string {
  const extension = extname(fileURLToPath(import.meta.url));
  return fileURLToPath(new URL(`./metricsWorker${extension}`, import.meta.url));
}
