import { cleanConsoleLine } from "../metrics/consoleText.ts";
import { isExceptionLine, opensTraceback } from "./diagnosis/exceptionLine.ts";
import { isEcho } from "./diagnosis/failureSignatures.ts";
import type { FailureLine } from "./runRecord.ts";
import { WORKER_FAILURE } from "./workerRestarts.ts";

/** Watches the output of a training for the line that says why it failed. */
export type FailureWatch = {
  push(text: string, lineNumber: number): void;
  /** The best explanation so far; the last thing printed when nothing looks like an error. */
  readonly explanation: FailureLine | undefined;
};

/** What says the cause better than any exception after it: the loudest line comes from a helper that was killed for it. */
const CAUSES =
  /out of memory|CUBLAS_STATUS_ALLOC_FAILED|can't allocate memory|RESOURCE_EXHAUSTED|ResourceExhaustedError|No space left on device|Disk quota exceeded|device-side assert triggered|illegal memory access|Found no NVIDIA driver|Torch not compiled with CUDA|Watchdog caught collective operation timeout/;

/** argparse and click: `train.py: error: unrecognized arguments: --foo`, `Error: No such option: --foo`. */
const USAGE_ERROR = /^(?:\S+: error: |Error: )\S/;
const CRASH = /^(?:Fatal Python error: |terminate called after throwing)/;

/** What torchrun's logger puts before its words: level, time, process and place in its source. */
const LAUNCHER_PREFIX = /^[IWEF]\d{4} [\d:.]+ +\d+ \S*torch\/distributed\/\S+\] /;

const MAX_TEXT_LENGTH = 1_000;

type Rank = 0 | 1 | 2 | 3 | 4;

export function createFailureWatch(): FailureWatch {
  let best: FailureLine | undefined;
  let bestRank: Rank = 0;
  let isInTraceback = false;
  return {
    push(raw, line) {
      if (raw.trim() === "") {
        return;
      }
      const text = cleanConsoleLine(raw);
      const rank = rankOf(text, isInTraceback);
      if (opensTraceback(text)) {
        isInTraceback = true;
      } else if (!/^\s/.test(text)) {
        isInTraceback = false;
      }
      // Of two exceptions the later one was not caught; of two causes the first brought the other.
      if (rank > bestRank || (rank === bestRank && rank < 4)) {
        best = { line, text: text.replace(LAUNCHER_PREFIX, "").trim().slice(0, MAX_TEXT_LENGTH) };
        bestRank = rank;
      }
    },
    get explanation() {
      return best;
    },
  };
}

function rankOf(text: string, isInTraceback: boolean): Rank {
  if (CAUSES.test(text)) {
    return 4;
  }
  if (isExceptionLine(text, isInTraceback) || USAGE_ERROR.test(text) || CRASH.test(text)) {
    // Launchers and the processes beside the one that failed print theirs after the exception that matters.
    return isEcho(text) ? 1 : 3;
  }
  // Says which worker ended and how, where the worker itself said nothing.
  if (WORKER_FAILURE.test(text)) {
    return 2;
  }
  return 0;
}

/** True when the line is an error message and not merely the last thing that was printed. */
export function isErrorText(text: string): boolean {
  return rankOf(text, true) > 0;
}
