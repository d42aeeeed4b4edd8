import { stat } from "node:fs/promises";
import { errorCode } from "../base/fileErrors.ts";

const LOOK_EVERY_MS = 500;

/**
 * Works as long as `holds` says yes after each change of a journal, by whichever window: an agent or a test takes minutes, and
 * may not be wanted any more. `isWanted` is false, and what came of the work is dropped, where that ended it. Throws what the
 * work throws by itself or because of `signal`, which ends it as well.
 */
export async function workWhileWanted<Result>(
  { journal, holds, signal }: { journal: string; holds: () => Promise<boolean>; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<{ isWanted: true; result: Result } | { isWanted: false }> {
  const watch = watchJournal(journal, holds);
  const isEnded = () => watch.signal.aborted && !signal.aborted;
  try {
    const result = await work(AbortSignal.any([signal, watch.signal]));
    return isEnded() ? { isWanted: false } : { isWanted: true, result };
  } catch (error) {
    if (isEnded()) {
      return { isWanted: false };
    }
    throw error;
  } finally {
    watch.end();
  }
}

function watchJournal(journal: string, holds: () => Promise<boolean>): { signal: AbortSignal; end(): void } {
  const changed = new AbortController();
  let seen: string | undefined;
  let isLooking = false;
  const look = async () => {
    const now = await stampOf(journal);
    if (now !== seen) {
      seen = now;
      if (!(await holds())) {
        changed.abort();
      }
    }
  };
  const timer = setInterval(() => {
    if (!isLooking) {
      isLooking = true;
      // Whoever is ended reads the journal next, and says what is wrong with it.
      look()
        .catch(() => changed.abort())
        .finally(() => {
          isLooking = false;
        });
    }
  }, LOOK_EVERY_MS);
  return { signal: changed.signal, end: () => clearInterval(timer) };
}

async function stampOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(file);
    return `${size} ${mtimeMs}`;
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return "";
    }
    throw error;
  }
}
