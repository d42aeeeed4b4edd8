import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** VS Code's own section for tasks; writing it edits .vscode/tasks.json and leaves its comments alone. */
const TASKS = "tasks";

/** Writes what a run ran into tasks.json, as a task that needs no Trainyard; the same label again is replaced. */
export async function exportTask({ record, folder: runFolder }: Run): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(runFolder));
  if (!folder) {
    throw new UserError(`The folder of run ${record.id} is not open any more. Open it, then try again.`);
  }
  const { renderEditorTask } = await import("../../core/training/editorTask.ts");
  const task = renderEditorTask(record.plan, folder.uri.fsPath);
  const settings = vscode.workspace.getConfiguration(TASKS, folder.uri);
  // The effective value may be the person's own tasks, which do not belong into the folder.
  const present = settings.inspect<readonly unknown[]>(TASKS)?.workspaceFolderValue ?? [];
  const others = present.filter((other) => !hasLabel(other, task.label));
  await settings.update("version", "2.0.0", vscode.ConfigurationTarget.WorkspaceFolder);
  await settings.update(TASKS, [...others, task], vscode.ConfigurationTarget.WorkspaceFolder);
  const open = "Open tasks.json";
  if ((await vscode.window.showInformationMessage(`The task “${task.label}” was written.`, open)) === open) {
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, ".vscode", "tasks.json"));
  }
}

function hasLabel(task: unknown, label: string): boolean {
  return typeof task === "object" && task !== null && "label" in task && task.label === label;
}
