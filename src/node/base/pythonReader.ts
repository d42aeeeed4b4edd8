import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { UserError } from "../../core/base/errors.ts";
import type {
  PythonRequestInput,
  PythonRequestName,
  PythonRequestResult,
  WorkerAnswer,
  WorkerRequest,
} from "./pythonRequests.ts";

/** A file of ten thousand lines takes a second; far beyond this a file is caught in the grammar, not slow. */
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Reads Python in a thread of its own, so that the extension host's event loop goes on. The thread starts with the first
 * request, is started again after it broke, and keeps no process alive that waits for nothing.
 */
export class PythonReader {
  readonly #start: () => Worker;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: unknown): void }>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(start: () => Worker = startWorker, timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.#start = start;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Asks one of `pythonRequests`. An aborted signal rejects at once with its reason; the thread's late answer is dropped.
   * Throws UserError where the thread broke or took too long: the next request starts another one.
   */
  async read<Name extends PythonRequestName>(
    kind: Name,
    input: PythonRequestInput<Name>,
    signal?: AbortSignal,
  ): Promise<PythonRequestResult<Name>> {
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const onAbort = () => this.#waiting.get(id)?.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => this.#break(`it took longer than ${this.#timeoutMs / 1000} s`), this.#timeoutMs);
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#open().postMessage({ id, kind, input } satisfies WorkerRequest);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table of requests types both sides of the thread
      return (await answer) as PythonRequestResult<Name>;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) {
        this.#worker?.unref();
      }
    }
  }

  #open(): Worker {
    const worker = this.#worker ?? this.#watch(this.#start());
    this.#worker = worker;
    worker.ref();
    return worker;
  }

  #watch(worker: Worker): Worker {
    worker.on("message", (answer: WorkerAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      if ("error" in answer) {
        waiting?.reject(new Error(answer.error));
      } else {
        waiting?.resolve(answer.result);
      }
    });
    const onEnd = (reason: string) => {
      if (this.#worker === worker) {
        this.#break(reason);
      }
    };
    worker.on("error", (error) => onEnd(error.message));
    worker.on("exit", (code) => onEnd(`exit code ${code}`));
    return worker;
  }

  #break(reason: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    const refusal = new UserError(`Reading the Python files was ended: ${reason}. Try again; a smaller file may help.`);
    for (const waiting of this.#waiting.values()) {
      waiting.reject(refusal);
    }
    void worker?.terminate();
  }
}

let shared: PythonReader | undefined;

/** The one reader of this process. */
export function pythonReader(): PythonReader {
  shared ??= new PythonReader();
  return shared;
}

/** The build writes the worker beside every bundle; a run from the sources starts it from there. */
function startWorker(): Worker {
  const bundled = new URL("./pythonWorker.js", import.meta.url);
  return new Worker(existsSync(fileURLToPath(bundled)) ? bundled : new URL("../../pythonWorker.ts", import.meta.url));
}
