import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** Writes what a run ran into tasks.json, as a task that needs no Trainyard; the same label again is replaced. */
export async function exportTask({ record, folder: runFolder }: Run): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(runFolder));
  if (!folder) {
    throw new UserError(`The folder of run ${record.id} is not open any more. Open it, then try again.`);
  }
  const { filledInWords, leftOutOfTask, renderEditorTask, taskProblem, variablesOf } = await import(
    "../../core/training/editorTask.ts"
  );
  const { saveTask, taskFilePath } = await import("../../node/training/taskFile.ts");
  const file = taskFilePath(folder.uri.fsPath);
  if (vscode.workspace.textDocuments.some(({ uri, isDirty }) => isDirty && uri.fsPath === file)) {
    throw new UserError("tasks.json has changes that are not saved. Nothing was changed. Save it, then export again.");
  }
  const problem = taskProblem(record.plan);
  if (problem !== undefined) {
    throw new UserError(problem);
  }
  const task = renderEditorTask(record.plan, folder.uri.fsPath);
  await saveTask(folder.uri.fsPath, task);
  const variables = variablesOf(record.plan).join(", ");
  const leftOut = leftOutOfTask(record.plan).join(", ");
  const filledIn = filledInWords(record.plan).join(", ");
  const notes = [
    ...(variables === "" ? [] : [`It takes ${variables} from the environment that VS Code was started in.`]),
    ...(leftOut === "" ? [] : [`It leaves out ${leftOut}, which names a GPU of this machine.`]),
    ...(filledIn === ""
      ? []
      : [`VS Code puts a value of its own in the place of ${filledIn}; the run was given the word itself.`]),
  ];
  const open = "Open tasks.json";
  const text = [`The task “${task.label}” was written.`, ...notes].join(" ");
  if ((await vscode.window.showInformationMessage(text, open)) === open) {
    await vscode.window.showTextDocument(vscode.Uri.file(file));
  }
}
