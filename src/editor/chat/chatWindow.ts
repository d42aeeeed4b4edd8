import * as vscode from "vscode";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { log } from "../base/log.ts";

/*
 * The only ways into the chat view are built-in commands. They are not part of the documented API, so each is looked up
 * before it is used, and its absence is a sentence.
 */

const OPEN_CHAT = "workbench.action.chat.open";
const NEW_LOCAL_CHAT = "workbench.action.chat.newLocalChat";
const NEW_LOCAL_CHAT_IN_PLACE = "workbench.action.chat.openNewChatSessionInPlace.local";

export type ChatQuery = { query: string; isPartialQuery: boolean; mode?: string; attachFiles?: readonly vscode.Uri[] };

/** Puts a query into the chat input, and sends it unless it is partial. */
export async function openChat(query: ChatQuery): Promise<void> {
  try {
    await vscode.commands.executeCommand(OPEN_CHAT, query);
  } catch (cause) {
    log().warn(`${OPEN_CHAT}: ${messageOf(cause)}`);
    await vscode.env.clipboard.writeText(query.query);
    throw new UserError(
      "The chat of this window could not be opened. The prompt is on the clipboard: paste it into a Local chat.",
      { cause },
    );
  }
}

export async function canOpenLocalSession(): Promise<boolean> {
  return (await localSessionCommand()) !== undefined;
}

/** Opens a fresh chat session that has participants; false where this VS Code knows no command for it. */
export async function openLocalSession(): Promise<boolean> {
  const command = await localSessionCommand();
  if (command === undefined) {
    return false;
  }
  try {
    await vscode.commands.executeCommand(command, ...(command === NEW_LOCAL_CHAT_IN_PLACE ? ["sidebar"] : []));
    return true;
  } catch (error) {
    log().warn(`${command}: ${messageOf(error)}`);
    return false;
  }
}

async function localSessionCommand(): Promise<string | undefined> {
  const commands = await vscode.commands.getCommands(true);
  return [NEW_LOCAL_CHAT, NEW_LOCAL_CHAT_IN_PLACE].find((command) => commands.includes(command));
}
