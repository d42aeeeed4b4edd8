import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/** How many more watches may be opened. */
export type WatchBudget = { left: number };

/** Of the whole program: a user has 8,192 on old systems, and the editor needs its own. Folders beyond are only polled. */
const programBudget: WatchBudget = { left: 2_000 };

/** What the system reports: the name is missing where it does not tell; `isContent`: bytes were written, nothing came or went. */
export type FolderChange = { folder: string; name: string | undefined; isContent: boolean };

type Watched = { id: string; watcher: FSWatcher | undefined };

/**
 * One non-recursive watch for each of a set of folders. Watches only say "look now": where the system has none left,
 * or a network folder sends no events, looking at intervals finds the same a little later, so no failure is reported.
 */
export class FolderWatches implements Disposable {
  readonly #onChange: (change: FolderChange) => void;
  readonly #budget: WatchBudget;
  readonly #watches = new Map<string, Watched>();
  #openCount = 0;
  #isDisposed = false;

  constructor(onChange: (change: FolderChange) => void, budget = programBudget) {
    this.#onChange = onChange;
    this.#budget = budget;
  }

  /** Whether every folder asked for is watched, so that looking at intervals is only a safeguard. */
  get isComplete(): boolean {
    return this.#openCount === this.#watches.size;
  }

  /**
   * Watches a folder until it is dropped. `id` is the one of the folder itself: one that was deleted and made anew is
   * another one under the same path, and its old watch is deaf. Nothing is watched any more once this is disposed.
   */
  keep(folder: string, id: string): void {
    const known = this.#watches.get(folder);
    if (known?.id === id && known.watcher !== undefined) {
      return;
    }
    this.drop(folder);
    // A look that was under way when watching ended would leave a watch that nobody closes.
    if (this.#isDisposed) {
      return;
    }
    const watched: Watched = { id, watcher: undefined };
    this.#watches.set(folder, watched);
    if (this.#budget.left > 0) {
      this.#open(folder, watched);
    }
  }

  /** Watches a folder, or the nearest one that exists above it, and says which it is. */
  keepNearest(folder: string): string | undefined {
    for (let at = folder; ; at = dirname(at)) {
      const status = statSync(at, { throwIfNoEntry: false });
      if (status !== undefined) {
        this.keep(at, `${status.dev}:${status.ino}`);
        return at;
      }
      if (dirname(at) === at) {
        return undefined;
      }
    }
  }

  drop(folder: string): void {
    const known = this.#watches.get(folder);
    this.#watches.delete(folder);
    this.#close(known);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const folder of this.#watches.keys()) {
      this.drop(folder);
    }
  }

  #open(folder: string, watched: Watched): void {
    try {
      const watcher = watch(folder, { recursive: false }, (kind, name) =>
        this.#onChange({ folder, name: name ?? undefined, isContent: kind === "change" }),
      );
      watched.watcher = watcher;
      this.#openCount++;
      this.#budget.left--;
      watcher.on("error", () => this.#close(watched));
    } catch {
      // No watches are left, or the folder has just vanished: it is polled.
    }
  }

  #close(watched: Watched | undefined): void {
    if (watched?.watcher !== undefined) {
      watched.watcher.close();
      watched.watcher = undefined;
      this.#openCount--;
      this.#budget.left++;
    }
  }
}
