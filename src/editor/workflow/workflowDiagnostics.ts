import * as vscode from "vscode";
import type { Problem } from "../../core/base/problems.ts";

const WORKFLOW_FILES = "**/.trainyard/workflows/*.workflow.yaml";

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} satisfies Record<Problem["severity"], vscode.DiagnosticSeverity>;

/** Underlines what is wrong in the workflow files of the workspace, as they are saved. */
export function registerWorkflowDiagnostics(onError: (error: unknown) => void): vscode.Disposable {
  const diagnostics = vscode.languages.createDiagnosticCollection("trainyard-workflows");
  const check = (uri: vscode.Uri) => {
    checkFile(uri, diagnostics).catch(onError);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(WORKFLOW_FILES);
  const listeners = [
    watcher.onDidChange(check),
    watcher.onDidCreate(check),
    watcher.onDidDelete((uri) => diagnostics.delete(uri)),
  ];
  checkAll(check).catch(onError);
  return vscode.Disposable.from(diagnostics, watcher, ...listeners);
}

async function checkAll(check: (uri: vscode.Uri) => void): Promise<void> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    // Beside the pattern of the watcher, which would walk through the whole workspace when a window opens.
    const own = new vscode.RelativePattern(vscode.Uri.joinPath(uri, ".trainyard", "workflows"), "*.workflow.yaml");
    (await vscode.workspace.findFiles(own)).forEach(check);
  }
}

async function checkFile(uri: vscode.Uri, diagnostics: vscode.DiagnosticCollection): Promise<void> {
  const { parseWorkflow } = await import("../../core/workflow/parseWorkflow.ts");
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  const found = parseWorkflow(text).problems.map(({ range: { start, end }, message, severity }) => {
    const range = new vscode.Range(start.line, start.column, end.line, end.column);
    const diagnostic = new vscode.Diagnostic(range, message, SEVERITIES[severity]);
    diagnostic.source = "trainyard";
    return diagnostic;
  });
  diagnostics.set(uri, found);
}
