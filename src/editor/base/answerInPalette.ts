import * as vscode from "vscode";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { withAbortSignal } from "./cancellation.ts";
import { showReport } from "./shownText.ts";

/** The palette's twin of a slash command: the same answer as a preview, its buttons in a message. */
export async function answerInPalette(title: string, command: SlashCommand, prompt: string): Promise<void> {
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, token) => withAbortSignal(token, (signal) => command.answer({ prompt, references: [] }, signal)),
  );
  await showReport(title, reply.markdown);
  const buttons = reply.buttons ?? [];
  if (buttons.length === 0) {
    return;
  }
  const choice = await vscode.window.showInformationMessage(
    `${title}: what next?`,
    ...buttons.map((each) => each.title),
  );
  const chosen = buttons.find((each) => each.title === choice);
  if (chosen) {
    await vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
  }
}
