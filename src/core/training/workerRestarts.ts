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
/** Lines of the launcher itself and of what cleans up behind a dead worker: not of a new one. */
const OF_NO_WORKER =
  /^$|^\s|^Traceback \(most recent call last\)|torch\/distributed\/|resource_tracker|\b(?:User|Resource|Future|Deprecation|Runtime)Warning:/;

type Failure = Omit<WorkerRestarts, "count">;

/** Follows the restarts of elastic workers through the output; `earlier`: those that another supervisor has seen. */
export class RestartWatch {
  #seen: WorkerRestarts | undefined;
  /** What was seen before the last restart, for as long as nothing but a line of no known origin speaks for it. */
  #before: { seen: WorkerRestarts | undefined } | undefined;
  #pending: Failure | undefined;
  #isOver = false;

  constructor(earlier?: WorkerRestarts) {
    this.#seen = earlier;
  }

  /**
   * `restart` for the line that shows that the workers were started again; `no-restart` for the one that shows that they
   * were not: the launcher gives up at the failure that was taken for survived.
   */
  push(text: string, line: number): "restart" | "no-restart" | undefined {
    const [, exitCode, localRank] = WORKER_FAILURE.exec(text) ?? [];
    const failure = exitCode && { line, localRank: Number(localRank), exitCode: Number(exitCode) };
    if (END_OF_LAUNCHER.test(text)) {
      return this.#end();
    }
    const pending = this.#pending;
    const isRestart = pending !== undefined && !this.#isOver && (failure || !OF_NO_WORKER.test(text));
    if (isRestart) {
      this.#before = { seen: this.#seen };
      this.#count(pending);
    }
    if (failure) {
      this.#pending = failure;
      this.#before = undefined;
    }
    return isRestart ? "restart" : undefined;
  }

  /**
   * The launcher ended well, which it does after a failure only with new workers. What they printed may have been read before the
   * line of the failure: it comes through another pipe.
   */
  endWell(): void {
    if (this.#pending !== undefined && !this.#isOver) {
      this.#count(this.#pending);
    }
  }

  #count(failure: Failure): void {
    this.#seen = { ...failure, count: (this.#seen?.count ?? 0) + 1 };
    this.#pending = undefined;
  }

  #end(): "no-restart" | undefined {
    const before = this.#isOver ? undefined : this.#before;
    this.#isOver = true;
    if (before === undefined) {
      return undefined;
    }
    this.#seen = before.seen;
    return "no-restart";
  }

  /** Undefined as long as all workers are the first ones. */
  get restarts(): WorkerRestarts | undefined {
    return this.#seen;
  }
}
