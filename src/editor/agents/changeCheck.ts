import * as vscode from "vscode";
import type { CheckedChange } from "../../core/tools/checkChange.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { showReport } from "../base/shownText.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";

/** Looks at what differs from the last commit in the folder at hand; Python is parsed in its own thread. */
export async function checkUncommitted(scope: readonly string[], signal: AbortSignal): Promise<CheckedChange> {
  // git runs what a repository's configuration names.
  requireTrust("looking at its changes with git");
  const folder = await chooseWorkspaceFolder();
  const { readChange } = await import("../../node/agents/readChange.ts");
  const { pythonReader } = await import("../../node/base/pythonReader.ts");
  const { files, leftOut } = await readChange(folder.uri.fsPath, signal);
  const findings = await pythonReader().read("checkChange", { files, scope }, signal);
  return { fileCount: files.length, findings, leftOut };
}

/** "Trainyard: Check Changes": the same as a report. */
export async function showChangeCheck(): Promise<void> {
  const { describeChange } = await import("../../core/agents/change/describeChange.ts");
  const checked = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Looking at the uncommitted changes", cancellable: true },
    (_progress, token) => withAbortSignal(token, (signal) => checkUncommitted([], signal)),
  );
  await showReport("Changes", describeChange(checked));
}
