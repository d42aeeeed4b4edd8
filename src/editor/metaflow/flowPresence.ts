import * as vscode from "vscode";

const PYTHON_FILES = "**/*.py";

/** Where the Python of other people lies. */
const FOREIGN = "**/{.venv,venv,env,node_modules,site-packages,__pycache__,.git}/**";

/** The same folders, for one path. */
const IN_FOREIGN = /(?:^|[\\/])(?:\.venv|venv|env|node_modules|site-packages|__pycache__|\.git)[\\/]/;

/** Files that are read to find a flow. In a larger workspace one is taken to be there, so that no command is hidden by mistake. */
const MAX_FILES = 500;

/** Deleting a folder is one change. */
const DELAY_MS = 500;

/** Whether the workspace holds a Metaflow flow; commands that need one are hidden without. Reads texts only. */
export class FlowPresence implements vscode.Disposable {
  readonly #parts: vscode.Disposable[] = [];
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasFlows = false;
  #searches = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    const watcher = vscode.workspace.createFileSystemWatcher(PYTHON_FILES);
    const appeared = (uri: vscode.Uri) => void this.#take(uri).catch(onError);
    const search = () => void this.#search().catch(onError);
    this.#parts.push(
      watcher,
      watcher.onDidCreate(appeared),
      watcher.onDidChange(appeared),
      watcher.onDidDelete(() => this.#searchSoon()),
      vscode.workspace.onDidChangeWorkspaceFolders(search),
    );
    search();
  }

  get hasFlows(): boolean {
    return this.#hasFlows;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#parts.forEach((part) => part.dispose());
  }

  /** A file that was written can only bring a flow; whether the last one left is asked when files go. */
  async #take(uri: vscode.Uri): Promise<void> {
    if (!this.#hasFlows && !IN_FOREIGN.test(vscode.workspace.asRelativePath(uri, false)) && (await holdsFlow(uri))) {
      // What a search that is under way has seen is older.
      this.#searches += 1;
      await this.#publish(true);
    }
  }

  #searchSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#search().catch(this.#onError), DELAY_MS);
  }

  async #search(): Promise<void> {
    this.#searches += 1;
    const search = this.#searches;
    const hasFlows = await findAnyFlow();
    if (search === this.#searches) {
      await this.#publish(hasFlows);
    }
  }

  async #publish(hasFlows: boolean): Promise<void> {
    this.#hasFlows = hasFlows;
    await vscode.commands.executeCommand("setContext", "trainyard.hasFlows", hasFlows);
  }
}

async function findAnyFlow(): Promise<boolean> {
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
    return false;
  }
  const found = await vscode.workspace.findFiles(PYTHON_FILES, FOREIGN, MAX_FILES);
  for (const uri of found.toSorted((a, b) => nameTells(b) - nameTells(a))) {
    if (await holdsFlow(uri)) {
      return true;
    }
  }
  return found.length === MAX_FILES;
}

/** Files whose names speak of a flow are read first, which usually ends the search. */
function nameTells({ path }: vscode.Uri): number {
  return Number(/flow|pipeline/i.test(path));
}

async function holdsFlow(uri: vscode.Uri): Promise<boolean> {
  const { readSource } = await import("../../node/base/readSource.ts");
  return /\bFlowSpec\b/.test((await readSource(uri.fsPath)) ?? "");
}
