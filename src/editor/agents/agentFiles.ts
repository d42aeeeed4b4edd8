import { join } from "node:path";
import * as vscode from "vscode";
import type { AgentCatalog, AgentFileProblem } from "../../core/agents/agentCatalog.ts";
import type { Problem } from "../../core/base/problems.ts";
import { log } from "../base/log.ts";
import { showError } from "../base/reportError.ts";

/** The agents of this window: shipped ones and those of the opened folders. */
export type AgentFiles = vscode.Disposable & {
  /** Reads the files anew, which are few and small, and shows their problems in the editor. */
  load(): Promise<AgentCatalog>;
};

const AGENT_FILES = "**/{.github,.claude}/agents/*.md";

/** The same for a file that is open. */
const IS_AGENT_FILE = /[\\/]\.(?:github|claude)[\\/]agents[\\/][^\\/]+\.md$/;

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} satisfies Record<Problem["severity"], vscode.DiagnosticSeverity>;

/** `shippedFolder`: the folder `agents` of the extension. */
export function watchAgentFiles(shippedFolder: string): AgentFiles {
  const diagnostics = vscode.languages.createDiagnosticCollection("trainyard-agents");
  let startedLoads = 0;
  let shownLoad = 0;
  const load = async () => {
    startedLoads += 1;
    const ownLoad = startedLoads;
    const catalog = await loadAgents(shippedFolder);
    // Loads overlap, and one that read older files may end last.
    if (ownLoad > shownLoad) {
      shownLoad = ownLoad;
      showProblems(catalog.problems, diagnostics);
    }
    return catalog;
  };
  const refresh = () => {
    load().catch((error: unknown) => showError(error, "Reading the agent files"));
  };
  const watcher = vscode.workspace.createFileSystemWatcher(AGENT_FILES);
  const subscriptions = [
    watcher.onDidChange(refresh),
    watcher.onDidCreate(refresh),
    watcher.onDidDelete(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => {
      if (IS_AGENT_FILE.test(uri.fsPath)) {
        refresh();
      }
    }),
  ];
  findAgentFiles(refresh);
  const all = vscode.Disposable.from(diagnostics, watcher, ...subscriptions);
  return { load, dispose: () => all.dispose() };
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

async function loadAgents(shippedFolder: string): Promise<AgentCatalog> {
  const [{ collectAgents }, { readAgents, workspaceAgentFolders }] = await Promise.all([
    import("../../core/agents/agentCatalog.ts"),
    import("../../node/agents/readAgents.ts"),
  ]);
  const folders =
    vscode.workspace.workspaceFolders?.flatMap((folder) => workspaceAgentFolders(folder.uri.fsPath)) ?? [];
  const { files, failures } = await readAgents([{ path: shippedFolder, origin: "shipped" }, ...folders]);
  for (const failure of failures) {
    log().warn(failure);
  }
  return collectAgents(files, { isWorkspaceTrusted: vscode.workspace.isTrusted });
}

/** Problems of shipped files are not the person's to solve; what is left of them is listed by `/agents`. */
function showProblems(problems: readonly AgentFileProblem[], diagnostics: vscode.DiagnosticCollection): void {
  diagnostics.clear();
  const folders = vscode.workspace.workspaceFolders?.map((folder) => join(folder.uri.fsPath, "/")) ?? [];
  const own = problems.filter((problem) => folders.some((folder) => problem.path.startsWith(folder)));
  for (const path of new Set(own.map((problem) => problem.path))) {
    const ofFile = own.filter((problem) => problem.path === path);
    diagnostics.set(vscode.Uri.file(path), ofFile.map(toDiagnostic));
  }
}

function toDiagnostic({ range, message, severity, code }: Problem): vscode.Diagnostic {
  const { start, end } = range;
  const place = new vscode.Range(start.line, start.column, end.line, end.column);
  const diagnostic = new vscode.Diagnostic(place, message, SEVERITIES[severity]);
  diagnostic.source = "Trainyard";
  diagnostic.code = code;
  return diagnostic;
}
