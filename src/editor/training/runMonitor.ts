import * as path from "node:path";
import * as vscode from "vscode";
import { compareRunIds } from "../../core/training/runId.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { watchFolderArrival } from "../../node/base/folderArrival.ts";
import type { UnreadableRun } from "../../node/training/runLedger.ts";
import { fileExists } from "../base/fileExists.ts";

/** What is known about the runs of all open folders, newest first. */
export type KnownRuns = { runs: readonly Run[]; unreadable: readonly UnreadableRun[] };

/**
 * Follows the ledgers of all open folders. The ledger's reader loads when a folder has runs, so that a workspace
 * without runs costs next to nothing; whoever starts the first one, this window, another one or the command line, it is
 * seen. VS Code's own watchers would not do: files.watcherExclude silences them, and some hosts have none.
 */
export class RunMonitor implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<KnownRuns>();
  readonly #watches = new Map<string, Disposable>();
  readonly #arrivals = new Map<string, Disposable>();
  readonly #options: { pollMs?: number };
  readonly #listening: vscode.Disposable;
  readonly #onError: (error: unknown) => void;
  #known: KnownRuns = { runs: [], unreadable: [] };
  #refreshing: Promise<void> | undefined;
  #isStale = false;
  #isDisposed = false;

  readonly onDidChange = this.#changed.event;

  constructor(onError: (error: unknown) => void, options: { pollMs?: number } = {}) {
    this.#onError = onError;
    this.#options = options;
    this.#awaitArrivals();
    this.#listening = vscode.workspace.onDidChangeWorkspaceFolders(() => {
      this.#awaitArrivals();
      this.#look();
    });
  }

  get known(): KnownRuns {
    return this.#known;
  }

  find(runId: string): Run | undefined {
    return this.#known.runs.find(({ record }) => record.id === runId);
  }

  /** Reads the ledgers again. Calls that come while one is under way share the next reading. */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#isStale = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#readUntilFresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#watchOnly([]);
    this.#listening.dispose();
    this.#arrivals.forEach((arrival) => arrival[Symbol.dispose]());
    this.#arrivals.clear();
    this.#changed.dispose();
  }

  #look(): void {
    this.refresh().catch(this.#onError);
  }

  /** One look-out for each open folder, none for a folder that was closed. */
  #awaitArrivals(): void {
    const roots = rootsOfWorkspace();
    for (const [root, arrival] of this.#arrivals) {
      if (!roots.includes(root)) {
        arrival[Symbol.dispose]();
        this.#arrivals.delete(root);
      }
    }
    for (const root of roots) {
      if (!this.#arrivals.has(root)) {
        const runs = path.join(root, ".trainyard", "runs");
        this.#arrivals.set(
          root,
          watchFolderArrival(runs, () => this.#look(), this.#options.pollMs),
        );
      }
    }
  }

  #watchOnly(roots: readonly string[]): void {
    for (const [root, watch] of this.#watches) {
      if (!roots.includes(root)) {
        watch[Symbol.dispose]();
        this.#watches.delete(root);
      }
    }
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#read();
    } while (this.#isStale);
  }

  async #read(): Promise<void> {
    const roots = await foldersWithRuns();
    this.#watchOnly(roots);
    if (roots.length === 0) {
      this.#publish({ runs: [], unreadable: [] });
      return;
    }
    const { endedByFolder, listRuns } = await import("../../node/training/runLedger.ts");
    const { watchRuns } = await import("../../node/training/watchRuns.ts");
    if (this.#isDisposed) {
      return;
    }
    for (const root of roots) {
      if (!this.#watches.has(root)) {
        this.#watches.set(
          root,
          watchRuns(root, () => this.#look()),
        );
      }
    }
    const ended = endedByFolder(this.#known.runs);
    const listings = await Promise.all(roots.map((root) => listRuns(root, ended)));
    this.#publish({
      runs: listings.flatMap(({ runs }) => runs).toSorted((a, b) => compareRunIds(a.record.id, b.record.id)),
      unreadable: listings.flatMap(({ unreadable }) => unreadable),
    });
  }

  #publish(known: KnownRuns): void {
    this.#known = known;
    if (!this.#isDisposed) {
      this.#changed.fire(known);
    }
  }
}

function rootsOfWorkspace(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

async function foldersWithRuns(): Promise<string[]> {
  const roots = rootsOfWorkspace();
  const found = await Promise.all(roots.map((root) => fileExists(path.join(root, ".trainyard", "runs"))));
  return roots.filter((_, index) => found[index]);
}
