import * as path from "node:path";
import * as vscode from "vscode";
import { excerptOfLines } from "../../core/base/excerptOfLines.ts";
import { describeReplacement } from "../../core/tools/describeReplacement.ts";
import type { AgentWrite } from "../../core/tools/workflow.ts";
import { closeProposal } from "../base/closeProposal.ts";
import { shownDocument } from "../base/shownText.ts";

/** A dialog does not scroll everywhere; the editor behind it does. */
const IN_DIALOG = { lines: 16, characters: 100 };

/** Agents work at the same time, and one dialog with its comparison is shown after another. */
let asked: Promise<unknown> = Promise.resolve();

/** Shows how a file of the person would change, in the editor and in a dialog, and whether the person lets it. */
export function askToReplace(folder: vscode.WorkspaceFolder, write: AgentWrite, earlier: string): Promise<boolean> {
  const answer = asked.then(() => ask(folder, write, earlier));
  asked = answer.catch(() => undefined);
  return answer;
}

async function ask(folder: vscode.WorkspaceFolder, write: AgentWrite, earlier: string): Promise<boolean> {
  const { agent, path: file, content } = write;
  const yours = vscode.Uri.file(path.resolve(folder.uri.fsPath, file));
  const proposed = shownDocument(`new ${path.basename(file)}`, content);
  await vscode.commands.executeCommand("vscode.diff", yours, proposed, `${file} (yours ↔ ${agent})`);
  const replace = "Replace";
  const detail = [
    "No agent of this workflow wrote it as it is now, so it is asked about each time. The editor behind this dialog shows the whole change.",
    excerptOfLines(describeReplacement(earlier, content), IN_DIALOG),
  ].join("\n\n");
  const choice = await vscode.window.showWarningMessage(
    `Let ${agent} replace ${file}?`,
    { modal: true, detail },
    replace,
  );
  await closeProposal(proposed);
  return choice === replace;
}
