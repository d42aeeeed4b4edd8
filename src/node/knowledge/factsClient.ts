import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import type { FactsReply, FactsRequest } from "./factsProtocol.ts";

export type FactsQuery = Partial<Omit<FactsRequest, "id">>;

type Waiting = { resolve: (reply: FactsReply) => void; reject: (error: unknown) => void };

/**
 * Asks a worker thread for the facts of one workspace folder, so that the thread of the editor stays free. The worker
 * starts with the first question, keeps what it read, and keeps no process alive.
 */
export class FactsClient implements Disposable {
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Refuses where the worker failed; the next question starts another. Abandons the answer when aborted. */
  async ask(query: FactsQuery = {}, signal?: AbortSignal): Promise<FactsReply> {
    signal?.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const request: FactsRequest = { changed: [], rescan: false, settings: {}, agents: [], ...query, id };
    worker.ref();
    const stop = new AbortController();
    const answer = new Promise<FactsReply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", () => reject(signal.reason), { signal: stop.signal });
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage(request);
    try {
      return await answer;
    } finally {
      stop.abort();
      this.#settle(id);
    }
  }

  [Symbol.dispose](): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(workerPath(), { workerData: this.#folder, name: "trainyard facts" });
    worker.on("message", (reply: FactsReply) => this.#waiting.get(reply.id)?.resolve(reply));
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", () => this.#fail(worker, undefined));
    return worker;
  }

  #fail(worker: Worker, cause: unknown): void {
    if (this.#worker === worker) {
      this.#worker = undefined;
    }
    const message = `Reading ${this.#folder} was stopped before it was done. Ask again.`;
    for (const { reject } of this.#waiting.values()) {
      reject(cause ?? new UserError(message));
    }
    this.#waiting.clear();
  }

  #settle(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) {
      this.#worker?.unref();
    }
  }
}

/** The build puts the worker beside the chunk this file is in; from the sources it is the file next to this one. */
function workerPath(): string {
  const extension = extname(fileURLToPath(import.meta.url));
  return fileURLToPath(new URL(`./factsWorker${extension}`, import.meta.url));
}
