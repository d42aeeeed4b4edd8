import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import type { FileReference, Reply } from "../../core/chat/reply.ts";

/** Draws an answer. Links may run only the commands named here; whatever else a text contains stays text. */
export function renderReply(stream: vscode.ChatResponseStream, reply: Reply, trustedCommands: readonly string[]): void {
  const markdown = new vscode.MarkdownString(reply.markdown);
  markdown.isTrusted = { enabledCommands: [ASK_AGENT_COMMAND, ...trustedCommands] };
  stream.markdown(markdown);
  for (const reference of reply.references ?? []) {
    stream.reference(locationOf(reference));
  }
  for (const button of reply.buttons ?? []) {
    stream.button({ title: button.title, command: button.command, arguments: [...(button.arguments ?? [])] });
  }
}

function locationOf(reference: FileReference): vscode.Uri | vscode.Location {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const path = isAbsolute(reference.path) || folder === undefined ? reference.path : join(folder, reference.path);
  const uri = vscode.Uri.file(path);
  return reference.line === undefined ? uri : new vscode.Location(uri, new vscode.Position(reference.line, 0));
}
