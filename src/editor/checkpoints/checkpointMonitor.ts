import * as path from "node:path";
import * as vscode from "vscode";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import type { FolderContents } from "../../core/checkpoints/folderContents.ts";
import type { CheckpointEvent } from "../../node/checkpoints/watchOptions.ts";

type WatchedFolder = {
  watch?: Disposable;
  entries: Map<string, CheckpointEntry>;
  /** Paths that are being written now and have no summary yet. */
  writing: Map<string, number>;
  /** Why, by path. */
  unreadable: Map<string, string>;
  /** A sentence while the folder is missing or cannot be read. */
  problem?: string;
  /** A sentence where not all of it is watched. */
  limit?: string;
};

/**
 * Watches checkpoint folders: those of runs, those of the settings, those a person named. A folder is watched
 * once however many reasons there are, and let go when the last reason is gone.
 */
export class CheckpointMonitor implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<string>();
  readonly #completed = new vscode.EventEmitter<CheckpointSummary & { path: string }>();
  readonly #folders = new Map<string, WatchedFolder>();
  readonly #onError: (error: unknown) => void;

  readonly onDidChange = this.#changed.event;
  /** Fires once for each checkpoint that was finished while its folder was watched. */
  readonly onDidComplete = this.#completed.event;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Watches exactly these folders from now on. */
  setFolders(folders: readonly string[]): void {
    const wanted = new Set(folders.map((folder) => path.resolve(folder)));
    for (const [folder, watched] of this.#folders) {
      if (!wanted.has(folder)) {
        watched.watch?.[Symbol.dispose]();
        this.#folders.delete(folder);
        this.#changed.fire(folder);
      }
    }
    for (const folder of wanted) {
      if (!this.#folders.has(folder)) {
        const watched: WatchedFolder = { entries: new Map(), writing: new Map(), unreadable: new Map() };
        this.#folders.set(folder, watched);
        this.#open(folder, watched).catch(this.#onError);
      }
    }
  }

  /** What a folder holds, newest first; empty for a folder that is not watched. */
  contentsOf(folder: string): FolderContents {
    const watched = this.#folders.get(path.resolve(folder));
    if (!watched) {
      return { entries: [], writing: [], unreadable: [] };
    }
    return {
      entries: [...watched.entries.values()].toSorted((a, b) => b.modifiedMs - a.modifiedMs),
      // Whether anything is written where nothing can be seen, nobody knows.
      writing:
        watched.problem === undefined
          ? [...watched.writing].map(([file, sizeBytes]) => ({ path: file, sizeBytes }))
          : [],
      unreadable: [...watched.unreadable].map(([file, reason]) => ({ path: file, reason })),
      ...(watched.problem === undefined ? {} : { problem: watched.problem }),
      ...(watched.limit === undefined ? {} : { limit: watched.limit }),
    };
  }

  dispose(): void {
    this.setFolders([]);
    this.#changed.dispose();
    this.#completed.dispose();
  }

  async #open(folder: string, watched: WatchedFolder): Promise<void> {
    const { watchCheckpoints } = await import("../../node/checkpoints/watchCheckpoints.ts");
    const { checkpointClient } = await import("../../node/checkpoints/checkpointClient.ts");
    const client = checkpointClient();
    if (this.#folders.get(folder) === watched) {
      watched.watch = watchCheckpoints(folder, (event) => this.#onEvent(folder, watched, event), {
        reader: { read: (found) => client.summary(found), list: (listed) => client.list(listed) },
        reportError: this.#onError,
      });
    }
  }

  #onEvent(folder: string, watched: WatchedFolder, event: CheckpointEvent): void {
    applyEvent(watched, event, Date.now());
    this.#changed.fire(folder);
    // A training that links its last checkpoint anew with each save is told of once.
    if (event.kind === "complete" && event.isLink !== true) {
      this.#completed.fire({ ...event.summary, path: event.path });
    }
  }
}

function applyEvent(watched: WatchedFolder, event: CheckpointEvent, now: number): void {
  switch (event.kind) {
    case "listed":
      delete watched.problem;
      watched.entries = new Map(event.entries.map((entry) => [entry.path, entry]));
      watched.unreadable = new Map(event.unreadable.map((file) => [file.path, file.reason]));
      return;
    case "writing":
      // What the file held before is being replaced.
      forget(watched, event.path);
      watched.writing.set(event.path, event.sizeBytes);
      return;
    case "growing":
      watched.writing.set(event.path, event.sizeBytes);
      return;
    case "complete":
    case "torn":
      forget(watched, event.path);
      watched.entries.set(event.path, { path: event.path, modifiedMs: now, summary: event.summary });
      return;
    case "unreadable":
      forget(watched, event.path);
      watched.unreadable.set(event.path, event.reason);
      return;
    case "removed":
      forget(watched, event.path);
      return;
    case "limited":
      watched.limit = event.message;
      return;
    case "folder-found":
      delete watched.problem;
      return;
    case "folder-missing":
    case "folder-unreadable":
      // A network disk comes back; what was known is still worth showing meanwhile.
      watched.problem = event.message;
      return;
  }
}

function forget({ entries, writing, unreadable }: WatchedFolder, file: string): void {
  entries.delete(file);
  writing.delete(file);
  unreadable.delete(file);
}
