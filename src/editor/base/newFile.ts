import * as vscode from "vscode";
import { closeProposal } from "./closeProposal.ts";
import { shownDocument } from "./shownText.ts";
import { displayPath } from "./workspace.ts";

/** A file that a person sees before it is written. */
export type PlannedFile = { path: string; text: string };

/** Shows a new file, and writes and opens it when the person agrees. */
export async function offerNewFile(file: PlannedFile): Promise<void> {
  const proposed = shownAs(file);
  await vscode.window.showTextDocument(proposed, { preview: true });
  const write = "Write It";
  const choice = await vscode.window.showInformationMessage(
    `Write ${displayPath(file.path)}?`,
    { modal: true, detail: "The editor behind this dialog shows the whole file. Nothing is ever overwritten." },
    write,
  );
  await closeProposal(proposed);
  if (choice === write) {
    await writePlannedFile(file);
  }
}

/** Writes and opens a file. One that is there already stays as it is, with what would be written beside it. */
export async function writePlannedFile(file: PlannedFile): Promise<void> {
  const { writeNewFile } = await import("../../node/base/writeNewFile.ts");
  const uri = vscode.Uri.file(file.path);
  if ((await writeNewFile(file.path, file.text)) === "written") {
    await vscode.window.showTextDocument(uri, { preview: false });
    return;
  }
  const name = nameOf(file);
  await vscode.commands.executeCommand("vscode.diff", uri, shownAs(file), `${name} ↔ new`);
  void vscode.window.showInformationMessage(`${displayPath(file.path)} exists and was left as it is.`);
}

function shownAs(file: PlannedFile): vscode.Uri {
  return shownDocument(`new ${nameOf(file)}`, file.text);
}

function nameOf({ path }: PlannedFile): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
