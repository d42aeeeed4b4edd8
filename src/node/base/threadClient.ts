import { Worker, type WorkerOptions } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";

type Waiting<Reply> = { resolve: (reply: Reply) => void; reject: (error: unknown) => void };

/**
 * Asks a worker thread, so that the thread of the editor stays free. The worker starts with the first question, keeps
 * what it knows between them, and keeps no process alive. Each request and each reply carries the number of its question.
 */
export class ThreadClient<Request extends { id: number }, Reply extends { id: number }> implements Disposable {
  readonly #path: string;
  readonly #options: WorkerOptions;
  readonly #brokenMessage: string;
  readonly #waiting = new Map<number, Waiting<Reply>>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** `brokenMessage` is what a person is told when the thread ended without an answer. */
  constructor(path: string, options: WorkerOptions, brokenMessage: string) {
    this.#path = path;
    this.#options = options;
    this.#brokenMessage = brokenMessage;
  }

  /** Refuses where the worker failed; the next question starts another. Abandons the answer when aborted. */
  async ask(request: Omit<Request, "id">, signal?: AbortSignal): Promise<Reply> {
    signal?.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    worker.ref();
    const stop = new AbortController();
    const answer = new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", () => reject(signal.reason), { signal: stop.signal });
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage({ ...request, id });
    try {
      return await answer;
    } finally {
      stop.abort();
      this.#settle(id);
    }
  }

  [Symbol.dispose](): void {
    const worker = this.#worker;
    if (worker !== undefined) {
      this.#fail(worker, undefined);
      void worker.terminate();
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#path, this.#options);
    worker.on("message", (reply: Reply) => this.#waiting.get(reply.id)?.resolve(reply));
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", () => this.#fail(worker, undefined));
    return worker;
  }

  #fail(worker: Worker, cause: unknown): void {
    // The end of a worker that failed comes after its error; by then the open questions may be those of the next one.
    if (this.#worker !== worker) {
      return;
    }
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(cause ?? new UserError(this.#brokenMessage));
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
