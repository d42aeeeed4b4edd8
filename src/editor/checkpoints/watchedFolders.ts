import * as vscode from "vscode";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { resolveInFolder } from "../base/workspace.ts";

const STATE_KEY = "trainyard.watchedFolders";

/** Runs whose checkpoint folders are watched besides those of live runs: what a person looks at is recent. */
const RECENT_RUNS = 10;

/** The folders a person asked to watch in this workspace, kept across restarts. */
export class WatchedFolders {
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  get folders(): readonly string[] {
    return this.#state.get<string[]>(STATE_KEY, []);
  }

  async add(folder: string): Promise<void> {
    await this.#save([...this.folders.filter((known) => known !== folder), folder]);
  }

  /** False where the settings name the folder, which only the person can change. */
  async remove(folder: string): Promise<boolean> {
    await this.#save(this.folders.filter((known) => known !== folder));
    return !this.named().includes(folder);
  }

  /** Named by a person or by the settings, whether or not a run writes there. */
  named(): string[] {
    return [...new Set([...this.folders, ...configuredFolders()])];
  }

  async #save(folders: string[]): Promise<void> {
    await this.#state.update(STATE_KEY, folders);
    this.#changed.fire();
  }
}

function configuredFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
    vscode.workspace
      .getConfiguration("trainyard.checkpoints", folder.uri)
      .get<string[]>("folders", [])
      .map((configured) => resolveInFolder(folder, configured)),
  );
}

/** The checkpoint folders of live and recent runs, each once. */
export function foldersOfRuns(runs: readonly Run[]): string[] {
  const folders = runs
    .filter(({ state }, index) => index < RECENT_RUNS || !hasEnded(state))
    .map(({ record }) => record.plan.checkpointFolder?.path)
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)];
}
