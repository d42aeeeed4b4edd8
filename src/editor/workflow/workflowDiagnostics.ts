import * as vscode from "vscode";
import type { Problem } from "../../core/base/problems.ts";
import type { WorkflowFile } from "../../node/workflow/workflowFiles.ts";

const WORKFLOW_FILES = "**/.trainyard/workflows/*.workflow.{yaml,yml}";

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} satisfies Record<Problem["severity"], vscode.DiagnosticSeverity>;

/** All workflow files that there are, and the names of the agents that can do their tasks. */
export type WorkflowSpelling = {
  readFiles: () => Promise<readonly WorkflowFile[]>;
  agentNames: () => Promise<readonly string[]>;
  /** Fires after an agent was written, renamed or removed. */
  onDidChangeAgents: vscode.Event<unknown>;
};

/** Underlines what is wrong in the workflow files of the workspace, as they and the agents are saved. */
export function registerWorkflowDiagnostics(
  spelling: WorkflowSpelling,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const diagnostics = vscode.languages.createDiagnosticCollection("trainyard-workflows");
  // Each may take the name of another, so that one change can be about several of them.
  let newest = 0;
  const check = () => {
    newest += 1;
    const own = newest;
    // Checks overlap, and one that read older files may end last.
    showProblems(spelling, diagnostics, () => own === newest).catch(onError);
  };
  const checkIfAny = () => {
    hasOwnFiles()
      .then((hasFiles) => (hasFiles ? check() : undefined))
      .catch(onError);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(WORKFLOW_FILES);
  const listeners = [
    watcher.onDidChange(check),
    watcher.onDidCreate(check),
    watcher.onDidDelete(check),
    vscode.workspace.onDidGrantWorkspaceTrust(check),
    spelling.onDidChangeAgents(checkIfAny),
  ];
  checkIfAny();
  return vscode.Disposable.from(diagnostics, watcher, ...listeners);
}

/** A window without any reads nothing. */
async function hasOwnFiles(): Promise<boolean> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    // Beside the pattern of the watcher, which would walk through the whole workspace when a window opens.
    const own = new vscode.RelativePattern(
      vscode.Uri.joinPath(uri, ".trainyard", "workflows"),
      "*.workflow.{yaml,yml}",
    );
    if ((await vscode.workspace.findFiles(own)).length > 0) {
      return true;
    }
  }
  return false;
}

async function showProblems(
  { readFiles, agentNames }: WorkflowSpelling,
  diagnostics: vscode.DiagnosticCollection,
  isNewest: () => boolean,
): Promise<void> {
  const [files, known, { unknownAgents }] = await Promise.all([
    readFiles(),
    agentNames(),
    import("../../core/workflow/parseWorkflow.ts"),
  ]);
  if (!isNewest()) {
    return;
  }
  diagnostics.clear();
  for (const { path, problems, agents = [] } of files) {
    diagnostics.set(vscode.Uri.file(path), [...problems, ...unknownAgents(agents, known)].map(toDiagnostic));
  }
}

function toDiagnostic({ range: { start, end }, message, severity }: Problem): vscode.Diagnostic {
  const range = new vscode.Range(start.line, start.column, end.line, end.column);
  const diagnostic = new vscode.Diagnostic(range, message, SEVERITIES[severity]);
  diagnostic.source = "trainyard";
  return diagnostic;
}
