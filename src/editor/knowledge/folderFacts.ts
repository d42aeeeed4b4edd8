import * as vscode from "vscode";
import { PLACEHOLDERS, type Placeholder } from "../../core/knowledge/fact.ts";
import type { PlaceholderSettings } from "../../core/knowledge/factOverrides.ts";
import type { AgentTriggers } from "../../core/knowledge/triggers/rankAgents.ts";
import { mayBeSeen } from "../../node/knowledge/enteredPaths.ts";
import { FactsClient } from "../../node/knowledge/factsClient.ts";
import type { FactsReply } from "../../node/knowledge/factsProtocol.ts";

/** More changes at once (a checkout, an unpacked data set) are read faster by reading everything. */
const MAX_CHANGED = 2_000;

/** One workspace folder: the worker that reads it, and what changed since it was last asked. */
class FolderFacts implements vscode.Disposable {
  readonly #client: FactsClient;
  readonly #watcher: vscode.FileSystemWatcher;
  readonly #changed = new Set<string>();
  readonly #folder: vscode.WorkspaceFolder;

  constructor(folder: vscode.WorkspaceFolder) {
    this.#folder = folder;
    this.#client = new FactsClient(folder.uri.fsPath);
    this.#watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "**"));
    const note = (uri: vscode.Uri) => {
      const path = relativeTo(folder, uri);
      if (mayBeSeen(path)) {
        this.#changed.add(path);
      }
    };
    this.#watcher.onDidChange(note);
    this.#watcher.onDidCreate(note);
    this.#watcher.onDidDelete(note);
  }

  /** What changed counts as told once the worker has answered: it is told again after a question that failed. */
  async ask(agents: readonly AgentTriggers[], signal: AbortSignal): Promise<FactsReply> {
    const changed = [...this.#changed];
    const rescan = changed.length > MAX_CHANGED;
    const question = { changed: rescan ? [] : changed, rescan, settings: readSettings(this.#folder), agents };
    const answer = this.#client.ask(question, signal);
    this.#changed.clear();
    let isAnswered = false;
    try {
      const reply = await answer;
      isAnswered = true;
      return reply;
    } finally {
      (isAnswered ? [] : changed).forEach((path) => this.#changed.add(path));
    }
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#client[Symbol.dispose]();
  }
}

const known = new Map<string, FolderFacts>();

/** The facts of a folder. The first question reads all of it; later ones read what changed in between. */
export function factsOfFolder(
  folder: vscode.WorkspaceFolder,
  signal: AbortSignal,
  agents: readonly AgentTriggers[] = [],
): Promise<FactsReply> {
  forgetClosedFolders();
  const key = folder.uri.toString();
  let facts = known.get(key);
  if (facts === undefined) {
    facts = new FolderFacts(folder);
    known.set(key, facts);
  }
  return facts.ask(agents, signal);
}

/** Ends the workers of folders that the window has no more. What is left ends with the process. */
function forgetClosedFolders(): void {
  const open = new Set(vscode.workspace.workspaceFolders?.map(({ uri }) => uri.toString()));
  for (const [key, facts] of known) {
    if (!open.has(key)) {
      facts.dispose();
      known.delete(key);
    }
  }
}

function readSettings(folder: vscode.WorkspaceFolder): PlaceholderSettings {
  const settings = vscode.workspace.getConfiguration("trainyard.facts", folder.uri);
  return Object.fromEntries(PLACEHOLDERS.map((key): [Placeholder, string] => [key, settings.get<string>(key) ?? ""]));
}

function relativeTo(folder: vscode.WorkspaceFolder, uri: vscode.Uri): string {
  return uri.path.slice(folder.uri.path.length + 1);
}
