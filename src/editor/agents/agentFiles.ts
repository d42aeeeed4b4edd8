import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as vscode from "vscode";
import type { AgentCatalog, AgentFile, AgentFileProblem } from "../../core/agents/agentCatalog.ts";
import type { Problem } from "../../core/base/problems.ts";
import type { AgentFailure } from "../../node/agents/readAgents.ts";
import { showError } from "../base/reportError.ts";
import { toRange } from "../base/toRange.ts";

/** The agents of this window: shipped ones and those of the opened folders. */
export type AgentFiles = vscode.Disposable & {
  /** The agents as they are saved. Reads the files anew, which are few and small, and shows their problems in the editor. */
  load(): Promise<AgentCatalog>;
  /** The same with what is typed and not saved yet. */
  inspect(): Promise<AgentCatalog>;
  /** Agents as they are typed, after a file of one was edited, saved, added or removed, or the workspace was trusted. */
  onDidSettle: vscode.Event<AgentCatalog>;
  /** What is shown for the file at a path. */
  problemsOf(path: string): readonly AgentFileProblem[];
};

export const AGENT_FILES = "**/{.github/agents,.claude/agents,.claude/agents/**}/*.md";

/** The same for a file that is open. */
const IS_AGENT_FILE =
  /[\\/]\.(?:github[\\/]agents|claude[\\/]agents(?:[\\/][^\\/]+)*)[\\/](?!readme\.md$)[^\\/]+\.md$/i;

/** Long enough that a word is typed to its end, short enough that the answer belongs to it. */
const DEBOUNCE_MS = 300;

export const DIAGNOSTIC_SOURCE = "Trainyard";

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} satisfies Record<Problem["severity"], vscode.DiagnosticSeverity>;

/** `shippedFolder`: the folder `agents` of the extension. */
export function watchAgentFiles(shippedFolder: string): AgentFiles {
  return new WatchedAgentFiles(shippedFolder);
}

type ReadFiles = { saved: readonly AgentFile[]; typed: readonly AgentFile[]; problems: readonly AgentFileProblem[] };

class WatchedAgentFiles implements AgentFiles {
  readonly #shippedFolder: string;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection("trainyard-agents");
  readonly #settled = new vscode.EventEmitter<AgentCatalog>();
  readonly onDidSettle = this.#settled.event;
  /** By path, so that a file with the same text stays the same object and is not parsed again. */
  readonly #known = new Map<string, AgentFile>();
  readonly #subscriptions: vscode.Disposable[];
  #problems: readonly AgentFileProblem[] = [];
  #startedLoads = 0;
  #shownLoad = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(shippedFolder: string) {
    this.#shippedFolder = shippedFolder;
    const { workspace } = vscode;
    const watcher = workspace.createFileSystemWatcher(AGENT_FILES);
    const changed = () => this.#refreshSoon(0);
    const ifAgent = ({ uri }: { uri: vscode.Uri }, delayMs: number) => {
      if (IS_AGENT_FILE.test(uri.fsPath)) {
        this.#refreshSoon(delayMs);
      }
    };
    this.#subscriptions = [
      this.#diagnostics,
      this.#settled,
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      workspace.onDidGrantWorkspaceTrust(changed),
      workspace.onDidChangeWorkspaceFolders(changed),
      vscode.lm.onDidChangeChatModels(() => this.#refreshShown()),
      vscode.extensions.onDidChange(() => this.#refreshShown()),
      workspace.onDidOpenTextDocument((document) => ifAgent(document, 0)),
      workspace.onDidChangeTextDocument(({ document }) => ifAgent(document, DEBOUNCE_MS)),
      workspace.onDidCloseTextDocument((document) => ifAgent(document, 0)),
    ];
    findAgentFiles(() => this.#refreshSoon(0));
  }

  async load(): Promise<AgentCatalog> {
    return (await this.#collect()).saved;
  }

  async inspect(): Promise<AgentCatalog> {
    return (await this.#collect()).typed;
  }

  problemsOf(path: string): readonly AgentFileProblem[] {
    return this.#problems.filter((problem) => problem.path === path);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.forEach((subscription) => subscription.dispose());
  }

  /** Models and tools come by the dozen while a window opens; before anybody looked, there is nothing to show anew. */
  #refreshShown(): void {
    if (this.#startedLoads > 0) {
      this.#refreshSoon(DEBOUNCE_MS);
    }
  }

  #refreshSoon(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.inspect().then(
        (catalog) => this.#settled.fire(catalog),
        (error: unknown) => showError(error, "Reading the agent files"),
      );
    }, delayMs);
  }

  async #collect(): Promise<{ saved: AgentCatalog; typed: AgentCatalog }> {
    this.#startedLoads += 1;
    const ownLoad = this.#startedLoads;
    const [{ collectAgents }, { windowWords }, files] = await Promise.all([
      import("../../core/agents/agentCatalog.ts"),
      import("./windowWords.ts"),
      this.#readFiles(),
    ]);
    const options = { isWorkspaceTrusted: vscode.workspace.isTrusted, words: await windowWords() };
    const collect = (each: readonly AgentFile[]): AgentCatalog => {
      const catalog = collectAgents(each, options);
      return { ...catalog, problems: [...catalog.problems, ...files.problems] };
    };
    const saved = collect(files.saved);
    const typed = files.typed === files.saved ? saved : collect(files.typed);
    // Loads overlap, and one that read older files may end last.
    if (ownLoad > this.#shownLoad) {
      this.#shownLoad = ownLoad;
      this.#showProblems(typed.problems);
    }
    return { saved, typed };
  }

  async #readFiles(): Promise<ReadFiles> {
    const { holdsAgent, listAgents, readAgents, workspaceAgentFolders } = await import(
      "../../node/agents/readAgents.ts"
    );
    const folders =
      vscode.workspace.workspaceFolders?.flatMap((folder) => workspaceAgentFolders(folder.uri.fsPath)) ?? [];
    const { isTrusted } = vscode.workspace;
    const shipped = { path: this.#shippedFolder, origin: "shipped" as const };
    const { files, failures } = await readAgents(isTrusted ? [shipped, ...folders] : [shipped]);
    const problems = failures.map(unreadable);
    const saved: AgentFile[] = [];
    for (const file of files) {
      saved.push(await this.#same(file));
    }
    if (!isTrusted) {
      // Only their names, so that it can be said what waits for trust.
      const withheld = await listAgents(folders);
      saved.push(...withheld.map((path) => ({ path, origin: "workspace" as const, text: "" })));
      return { saved, typed: saved, problems };
    }
    const isUnread = (path: string) => failures.some((failure) => failure.path === path);
    const open = openAgents((path) => folders.some((folder) => holdsAgent(folder, path))).filter(
      ({ path, text }) => !isUnread(path) && !saved.some((file) => file.path === path && file.text === text),
    );
    const isOpen = (file: AgentFile) => open.some(({ path }) => path === file.path);
    const typed = open.length === 0 ? saved : [...saved.filter((file) => !isOpen(file)), ...open];
    return { saved, typed, problems };
  }

  /** A new file is parsed in a turn of its own, since the first look at all of them would hold up the window. */
  async #same(file: AgentFile): Promise<AgentFile> {
    const known = this.#known.get(file.path);
    if (known?.text === file.text && known.origin === file.origin) {
      return known;
    }
    const { parseOnce } = await import("../../core/agents/agentCatalog.ts");
    parseOnce(file);
    this.#known.set(file.path, file);
    await setImmediate();
    return file;
  }

  /** Problems of shipped files are not the person's to solve; what is left of them is listed by `/agents`. */
  #showProblems(problems: readonly AgentFileProblem[]): void {
    const folders = vscode.workspace.workspaceFolders?.map((folder) => join(folder.uri.fsPath, "/")) ?? [];
    this.#problems = problems.filter((problem) => folders.some((folder) => problem.path.startsWith(folder)));
    this.#diagnostics.clear();
    for (const path of new Set(this.#problems.map((problem) => problem.path))) {
      const uri = vscode.Uri.file(path);
      this.#diagnostics.set(uri, this.problemsOf(path).map(toDiagnostic));
    }
  }
}

function unreadable({ path, message }: AgentFailure): AgentFileProblem {
  const start = { line: 0, column: 0 };
  return { code: "unreadable-agent", severity: "error", message, range: { start, end: start }, path };
}

/** Agents that are open in an editor, as they are typed. */
function openAgents(isOfWorkspace: (path: string) => boolean): AgentFile[] {
  return vscode.workspace.textDocuments
    .filter(({ uri }) => uri.scheme === "file" && IS_AGENT_FILE.test(uri.fsPath) && isOfWorkspace(uri.fsPath))
    .map((document) => ({ path: document.uri.fsPath, origin: "workspace", text: document.getText() }));
}

/**
 * Calls back when a trusted workspace has agent files, so that their problems show before anybody asks an agent.
 * A look at two folders per workspace folder; the readers and parsers load only where there is something to read.
 */
function findAgentFiles(found: () => void): void {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const places = folders.flatMap(({ uri }) =>
    [".github", ".claude"].map((name) => vscode.Uri.joinPath(uri, name, "agents")),
  );
  void Promise.allSettled(places.map((place) => vscode.workspace.fs.stat(place))).then((looks) => {
    if (vscode.workspace.isTrusted && looks.some(({ status }) => status === "fulfilled")) {
      found();
    }
  });
}

function toDiagnostic({ range, message, severity, code }: Problem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(toRange(range), message, SEVERITIES[severity]);
  diagnostic.source = DIAGNOSTIC_SOURCE;
  diagnostic.code = code;
  return diagnostic;
}
