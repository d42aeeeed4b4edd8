import { join } from "node:path";

/** A folder that waits to be looked through. `weight`: how many entries it, and the folders in it, had beside logs so far. */
export type WaitingFolder = { path: string; depth: number; parent: WaitingFolder | undefined; weight: number };

/** Folders whose neighbours had fewer entries beside logs go first, so that the pictures of a data set hide no logs. */
const WEIGHTS = [100, 1_000, 10_000, Infinity];
/** So many entries beside logs are looked at; what waits then is most likely data. */
const MAX_ENTRIES = 20_000;
/** A full folder counts as so many of them: its names are listed in one go, and others shall have their turn. */
const MAX_COUNTED = 1_000;
/** To open a folder takes as long as some entries do. */
const ENTRIES_OF_OPENING = 16;

/** The folders below one, in the order in which they are looked through. */
export class FolderQueue {
  readonly #waiting: readonly WaitingFolder[][] = WEIGHTS.map(() => []);
  #looked = 0;

  constructor(root: string) {
    this.#waiting[0]?.push({ path: root, depth: 0, parent: undefined, weight: 0 });
  }

  /** The next folder; undefined when there is none, or enough was looked at. */
  take(): WaitingFolder | undefined {
    if (this.#looked >= MAX_ENTRIES) {
      return undefined;
    }
    for (const [at, folders] of this.#waiting.entries()) {
      for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
        const placed = weightClass(next);
        if (placed <= at) {
          return next;
        }
        this.#waiting[placed]?.push(next);
      }
    }
    return undefined;
  }

  /** Adds a folder that lies in another one. */
  add(name: string, parent: WaitingFolder): void {
    const folder = { path: join(parent.path, name), depth: parent.depth + 1, parent, weight: 0 };
    this.#waiting[weightClass(folder)]?.push(folder);
  }

  /** A folder had so many entries and no log among them. */
  noteVain(folder: WaitingFolder, entries: number): void {
    this.#looked += ENTRIES_OF_OPENING + Math.min(entries, MAX_COUNTED);
    folder.weight += entries;
    if (folder.parent !== undefined) {
      folder.parent.weight += entries;
    }
  }

  /** What still waits. */
  get unseen(): readonly string[] {
    return this.#waiting.flat().map(({ path }) => path);
  }
}

function weightClass({ parent }: WaitingFolder): number {
  return WEIGHTS.findIndex((weight) => (parent?.weight ?? 0) < weight);
}
