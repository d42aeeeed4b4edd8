import * as vscode from "vscode";

/** The part of the Python extension's public interface that is read here. */
type PythonExtension = {
  environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { path: string } | undefined };
};

/** The setting `trainyard.pythonPath` as it was written; undefined when it is empty. */
export function configuredPython(folder: vscode.WorkspaceFolder): string | undefined {
  const value = vscode.workspace.getConfiguration("trainyard", folder.uri).get("pythonPath", "").trim();
  return value === "" ? undefined : value;
}

/** The interpreter selected in the Python extension, where that extension is there and has been started. */
export function activePython(folder: vscode.WorkspaceFolder): string | undefined {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  const selected = extension?.isActive
    ? extension.exports.environments?.getActiveEnvironmentPath(folder.uri)
    : undefined;
  return selected?.path;
}
