import * as path from "node:path";
import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";

export type UnreadableRun = { folder: string; reason: string };

/** What is known about the runs of all open folders, newest first. */
export type KnownRuns = { runs: readonly Run[]; unreadable: readonly UnreadableRun[] };

/**
 * Follows the ledgers of all open folders. The ledger's reader loads when a folder has runs or a run is
 * started, so that a workspace without runs costs nothing.
 */
export class RunMonitor implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<KnownRuns>();
  readonly #watches = new Map<string, Disposable>();
  readonly #onError: (error: unknown) => void;
  #known: KnownRuns = { runs: [], unreadable: [] };
  #refreshing: Promise<void> | undefined;
  #isStale = false;

  readonly onDidChange = this.#changed.event;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
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
    for (const watch of this.#watches.values()) {
      watch[Symbol.dispose]();
    }
    this.#watches.clear();
    this.#changed.dispose();
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#read();
    } while (this.#isStale);
  }

  async #read(): Promise<void> {
    const roots = await foldersWithRuns();
    if (roots.length === 0) {
      this.#publish({ runs: [], unreadable: [] });
      return;
    }
    const { listRuns } = await import("../../node/training/runLedger.ts");
    const { watchRuns } = await import("../../node/training/watchRuns.ts");
    for (const root of roots) {
      if (!this.#watches.has(root)) {
        this.#watches.set(
          root,
          watchRuns(root, () => void this.refresh().catch(this.#onError)),
        );
      }
    }
    const ended = new Map(
      this.#known.runs.filter(({ status }) => status.endedAt !== undefined).map((run) => [run.folder, run]),
    );
    const listings = await Promise.all(roots.map((root) => listRuns(root, ended)));
    this.#publish({
      runs: listings
        .flatMap(({ runs }) => runs)
        .toSorted((a, b) => b.record.createdAt.localeCompare(a.record.createdAt)),
      unreadable: listings.flatMap(({ unreadable }) => unreadable),
    });
  }

  #publish(known: KnownRuns): void {
    this.#known = known;
    this.#changed.fire(known);
  }
}

async function foldersWithRuns(): Promise<string[]> {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const found = await Promise.all(roots.map((root) => exists(path.join(root, ".trainyard", "runs"))));
  return roots.filter((_, index) => found[index]);
}

async function exists(folder: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(vscode.Uri.file(folder));
    return true;
  } catch {
    return false;
  }
}
