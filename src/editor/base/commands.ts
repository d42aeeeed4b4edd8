import * as vscode from "vscode";
import { showError } from "./reportError.ts";

/** Command handlers by name without the prefix. Arguments come from the palette, a menu, a view or a button. */
export type CommandTable = Record<string, (target?: unknown, more?: unknown) => unknown>;

/** The titles of package.json, which name a command to the person. */
export type CommandTitles = { contributes: { commands: readonly { command: string; title: string }[] } };

/**
 * Registers every handler as `trainyard.<name>`. A failing command is reported to the person here and nowhere
 * else; what a command returns goes to its caller.
 */
export function registerCommands(table: CommandTable, { contributes }: CommandTitles): vscode.Disposable {
  const titles = new Map(contributes.commands.map(({ command, title }) => [command, title.replace("…", "")]));
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, handler]) => {
      const command = `trainyard.${name}`;
      return vscode.commands.registerCommand(command, async (target?: unknown, more?: unknown) => {
        try {
          return await handler(target, more);
        } catch (error) {
          // Not awaited: whoever called the command must not wait until the person closes the notification.
          void showError(error, titles.get(command) ?? "The command");
          return undefined;
        }
      });
    }),
  );
}
