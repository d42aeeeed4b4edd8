import { WORKER_FAILURE } from "../workerRestarts.ts";
import type { EvidenceLine } from "./diagnosis.ts";

/** A process that a launcher says has failed. */
export type FailedProcess = { rank: number; exitCode?: number; lines: EvidenceLine[] };

/** `[ERROR] [launch.py:325:sigkill_handler] ['python', '-u', 'train.py', '--local_rank=1'] exits with return code = -9`. */
function readDeepSpeed(text: string): readonly (string | undefined)[] {
  const [report, rank, exitCode] = /--local_rank=(\d+)\b.* exits with return code = (-?\d+)/.exec(text) ?? [];
  return report === undefined ? [] : [text.trim(), exitCode, rank];
}

/** What the launcher itself sends to the others. */
const TERMINATED = -15;

/*
 * torchrun ends with a block that lists the processes which failed, and last the one whose end it saw first:
 *
 *   Failures:
 *   [1]:
 *     rank      : 0 (local_rank: 0)
 *     …
 *   Root Cause (first observed failure):
 *   [0]:
 *     rank      : 1 (local_rank: 1)
 *     exitcode  : -9 (pid: 16713)
 *     traceback : Signal 9 (SIGKILL) received by PID 16713
 *
 * Of two that end within one look of it, the first in its list is called the root cause.
 */
export class LauncherReport {
  #isInBlock = false;
  #failed: FailedProcess[] = [];
  #at: FailedProcess | undefined;
  /** From the line that stands before the block, where a launcher was ended in between. */
  #unfinished: FailedProcess | undefined;

  push(text: string, line: number): void {
    const [report, exitCode, rank] = WORKER_FAILURE.exec(text) ?? readDeepSpeed(text);
    if (report !== undefined) {
      this.#unfinished = { rank: Number(rank), exitCode: Number(exitCode), lines: [{ line, text: report }] };
      this.#failed = [];
    }
    if (text === "Failures:" || text.includes("Root Cause (first observed failure)")) {
      this.#isInBlock = true;
    } else if (this.#isInBlock) {
      this.#read(text, line);
    }
  }

  #read(text: string, line: number): void {
    const [, name, value = ""] = /^\s*(rank|exitcode|traceback)\s*: (.*)$/.exec(text) ?? [];
    const number = Number.parseInt(value, 10);
    if (name === "rank") {
      this.#at = { rank: number, lines: [] };
      this.#failed.push(this.#at);
    } else if (name === "exitcode" && this.#at !== undefined) {
      this.#at.exitCode = number;
    }
    if (name !== undefined && !value.startsWith("To enable traceback see")) {
      this.#at?.lines.push({ line, text: text.trim() });
    }
    this.#isInBlock = name !== "traceback";
  }

  /** The one that failed first: of those that the launcher saw fail together, one that does not complain of another. */
  read(complains: (rank: number) => boolean): FailedProcess | undefined {
    const inOrder = this.#failed.toReversed();
    const own = inOrder.find(({ rank, exitCode }) => exitCode !== TERMINATED && !complains(rank));
    return own ?? inOrder[0] ?? this.#unfinished;
  }
}
