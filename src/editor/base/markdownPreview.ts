import * as vscode from "vscode";

/** Opens a text rendered, from memory: a report is read, not edited or saved. */
export async function showMarkdown(markdown: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: `${markdown}\n` });
  await vscode.commands.executeCommand("markdown.showPreview", document.uri);
}
