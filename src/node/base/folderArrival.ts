import { stat } from "node:fs/promises";

const DEFAULT_POLL_MS = 2_000;

/**
 * Calls back whenever a folder that was not there is there, the first time if it is there from the beginning. A look
 * now and then costs nothing and is heard everywhere; watchers are not, on network disks and where an editor has none.
 */
export function watchFolderArrival(folder: string, onArrival: () => void, pollMs = DEFAULT_POLL_MS): Disposable {
  let isThere = false;
  let isDisposed = false;
  const look = async (): Promise<void> => {
    const wasThere = isThere;
    isThere = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
    if (isThere && !wasThere && !isDisposed) {
      onArrival();
    }
  };
  const timer = setInterval(() => void look(), pollMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      isDisposed = true;
      clearInterval(timer);
    },
  };
}
