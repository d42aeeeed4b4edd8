import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import type { FileReference, Reply } from "../../core/chat/reply.ts";
import { linkedText } from "./linkedText.ts";

/**
 * Draws an answer. `ours`: nobody else wrote a word of it, so its links may ask an agent. Commands answer with documents, notes and
 * names that models and files brought along, and a link in these must not act as the person who clicks it.
 */
export async function renderReply(stream: vscode.ChatResponseStream, reply: Reply, text?: "ours"): Promise<void> {
  const markdown = new vscode.MarkdownString(await linkedText(reply.markdown));
  if (text === "ours") {
    markdown.isTrusted = { enabledCommands: [ASK_AGENT_COMMAND] };
  }
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
