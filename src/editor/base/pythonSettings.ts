import * as vscode from "vscode";
import { resolveInFolder } from "./workspace.ts";

/** The part of the Python extension's public interface that is read here. */
type PythonExtension = {
  environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { path: string } | undefined };
};

/** The interpreter named by `trainyard.pythonPath`, absolute; undefined when the setting is empty. */
export function configuredPython(folder: vscode.WorkspaceFolder): string | undefined {
  const value = vscode.workspace.getConfiguration("trainyard", folder.uri).get("pythonPath", "").trim();
  return value === "" ? undefined : resolveInFolder(folder, value);
}

/** The interpreter selected in the Python extension, where that extension is there and has been started. */
export function activePython(folder: vscode.WorkspaceFolder): string | undefined {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  const selected = extension?.isActive
    ? extension.exports.environments?.getActiveEnvironmentPath(folder.uri)
    : undefined;
  return selected?.path;
}
