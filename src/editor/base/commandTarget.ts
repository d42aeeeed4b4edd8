import * as vscode from "vscode";

/** The file a command was called on: a URI from a menu, or its text from a button of a chat, which keeps only JSON. */
export function fileOf(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) {
    return target;
  }
  return typeof target === "string" && /^[\w+-]+:\/\//.test(target) ? vscode.Uri.parse(target) : undefined;
}
