import * as vscode from "vscode";
import { showError } from "./reportError.ts";

/**
 * Command handlers by name without the prefix. The argument comes from the palette, a menu, a view or a button; from the
 * explorer comes everything that is selected as well.
 */
export type CommandTable = Record<string, (target?: unknown, selected?: unknown) => unknown>;

/** The titles of package.json, which name a command to the person. */
export type CommandTitles = { contributes: { commands: readonly { command: string; title: string }[] } };

/** Registers every handler as `trainyard.<name>`. */
export function registerCommands(table: CommandTable, { contributes }: CommandTitles): vscode.Disposable {
  const titles = new Map(contributes.commands.map(({ command, title }) => [command, title.replace("…", "")]));
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, handler]) => {
      const command = `trainyard.${name}`;
      return registerCommand(command, titles.get(command) ?? "The command", handler);
    }),
  );
}

/**
 * Registers one command. Its errors are reported to the person here and nowhere else; `doing` names it in them:
 * "Handing over". What it returns goes to its caller.
 */
export function registerCommand(
  command: string,
  doing: string,
  run: (argument?: unknown, selected?: unknown) => unknown,
): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (argument?: unknown, selected?: unknown) => {
    try {
      return await run(argument, selected);
    } catch (error) {
      // Not awaited: whoever called the command must not wait until the person closes the notification.
      void showError(error, doing);
      return undefined;
    }
  });
}
