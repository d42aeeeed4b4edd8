import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";

/**
 * The folder an action works in: the one that holds `near`, else that of the active editor, else the only one,
 * else the one the person picks. Refuses without an open folder, since runs are kept beside the code.
 */
export async function chooseWorkspaceFolder(near?: vscode.Uri): Promise<vscode.WorkspaceFolder> {
  const folders = requireOpenFolder();
  const hint = near ?? vscode.window.activeTextEditor?.document.uri;
  const holding = hint && vscode.workspace.getWorkspaceFolder(hint);
  const chosen = holding ?? (folders.length === 1 ? folders[0] : undefined);
  if (chosen) {
    return chosen;
  }
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: "In which folder?" });
  if (!picked) {
    throw new vscode.CancellationError();
  }
  return picked;
}

/** The open folders. Refuses a window without one, before anything is asked. */
export function requireOpenFolder(): readonly vscode.WorkspaceFolder[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new UserError("No folder is open. Open the folder with your code (File › Open Folder…), then try again.");
  }
  return folders;
}

/** Starting anything runs the workspace's code, which a person has to trust first. `effect` is what else needs trust. */
export function requireTrust(action: string, effect = "runs its code"): void {
  if (!vscode.workspace.isTrusted) {
    throw new UserError(
      `This workspace is in Restricted Mode, and ${action} ${effect}. Trust the workspace (Workspaces: Manage Workspace Trust), then try again.`,
    );
  }
}

/** A path as people read it: relative to its workspace folder where it lies in one. */
export function displayPath(file: string): string {
  return vscode.workspace.asRelativePath(file, (vscode.workspace.workspaceFolders?.length ?? 0) > 1);
}

/** Resolves `file` against the folder; absolute paths stay as they are. */
export function resolveInFolder(folder: vscode.WorkspaceFolder, file: string): string {
  return path.resolve(folder.uri.fsPath, file);
}

/** The folders of the workspace, by their paths. */
export function workspaceRoots(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}
