import { stat } from "node:fs/promises";
import { errorCode } from "../base/fileErrors.ts";

const LOOK_EVERY_MS = 500;

/**
 * Aborts its signal once `holds` says no after a change of a journal, by whichever window: a test runs for minutes, and may
 * not be wanted any more.
 */
export function watchJournal(journal: string, holds: () => Promise<boolean>): { signal: AbortSignal; end(): void } {
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
