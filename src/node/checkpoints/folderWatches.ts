import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/** Watches are a resource of the whole user, shared with the editor itself; folders beyond these are only polled. */
const MAX_WATCHES = 64;

/**
 * One non-recursive watch for each of a set of folders. Watches only say "look now": where the system has none left,
 * or a network folder sends no events, looking at intervals finds the same a little later, so no failure is reported.
 */
export class FolderWatches implements Disposable {
  readonly #onChange: () => void;
  readonly #watches = new Map<string, FSWatcher>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether every folder asked for is watched, so that looking at intervals is only a safeguard. */
  isComplete = false;

  /** Watches exactly these folders, or for one that does not exist its nearest existing parent. */
  watchOnly(folders: readonly string[]): void {
    // A folder that was deleted and made anew is another one under the same path; its old watch is deaf.
    const wanted = new Map(folders.slice(0, MAX_WATCHES).map((folder) => keyed(nearestExisting(folder))));
    for (const [key, watcher] of this.#watches) {
      if (!wanted.has(key)) {
        watcher.close();
        this.#watches.delete(key);
      }
    }
    for (const [key, folder] of wanted) {
      this.#open(key, folder);
    }
    this.isComplete = folders.length <= MAX_WATCHES && this.#watches.size === wanted.size;
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watches.values()) {
      watcher.close();
    }
    this.#watches.clear();
  }

  #open(key: string, folder: string): void {
    if (this.#watches.has(key)) {
      return;
    }
    try {
      const watcher = watch(folder, { recursive: false }, this.#onChange);
      watcher.on("error", () => {
        watcher.close();
        this.#watches.delete(key);
        this.isComplete = false;
      });
      this.#watches.set(key, watcher);
    } catch {
      this.isComplete = false;
    }
  }
}

type Place = { folder: string; id: string };

function keyed({ folder, id }: Place): [key: string, folder: string] {
  return [`${id} ${folder}`, folder];
}

function nearestExisting(folder: string): Place {
  for (let at = folder; ; at = dirname(at)) {
    const status = statSync(at, { throwIfNoEntry: false });
    if (status !== undefined || dirname(at) === at) {
      return { folder: at, id: status === undefined ? "" : `${status.dev}:${status.ino}` };
    }
  }
}
