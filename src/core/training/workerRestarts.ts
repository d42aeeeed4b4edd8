import type { WorkerRestarts } from "./runRecord.ts";

/*
 * When a worker fails, torchrun ends the others, says so in one line, and starts all of them again as often as `--max-restarts`
 * allows (torch/distributed/elastic/multiprocessing/api.py):
 *
 *   E1121 17:24:27.853000 15533 torch/…/api.py:1002] failed (exitcode: -9) local_rank: 1 (pid: 15715) of binary: …/python3
 *
 * That it starts them again is said nowhere unless LOGLEVEL=INFO is set; that it gives up, by a ChildFailedError. Whatever else
 * is printed after the line, is printed by new workers.
 */
export const WORKER_FAILURE = /\bfailed \(exitcode: (-?\d+)\) local_rank: (\d+) \(pid: \d+\)/;
const END_OF_LAUNCHER = /\bChildFailedError\b/;
/** Lines of the launcher itself, among them the traceback that ends in the ChildFailedError. */
const OF_LAUNCHER = /^$|^\s|^Traceback \(most recent call last\)|torch\/distributed\//;

type Failure = Omit<WorkerRestarts, "count">;

/** Follows the restarts of elastic workers through the output; `earlier`: those that another supervisor has seen. */
export class RestartWatch {
  #count: number;
  #last: Failure | undefined;
  #pending: Failure | undefined;
  #isOver = false;

  constructor(earlier?: WorkerRestarts) {
    this.#count = earlier?.count ?? 0;
    this.#last = earlier;
  }

  /** True for the line that shows that the workers were started again. */
  push(text: string, line: number): boolean {
    const [, exitCode, localRank] = WORKER_FAILURE.exec(text) ?? [];
    const failure = exitCode && { line, localRank: Number(localRank), exitCode: Number(exitCode) };
    this.#isOver ||= END_OF_LAUNCHER.test(text);
    const isOfWorker = failure || !OF_LAUNCHER.test(text);
    const isRestart = this.#pending !== undefined && !this.#isOver && Boolean(isOfWorker);
    if (isRestart) {
      this.#count += 1;
      this.#last = this.#pending;
      this.#pending = undefined;
    }
    this.#pending = failure || this.#pending;
    return isRestart;
  }

  /** Undefined as long as all workers are the first ones. */
  get restarts(): WorkerRestarts | undefined {
    return this.#last && { ...this.#last, count: this.#count };
  }
}
