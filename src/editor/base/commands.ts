import * as vscode from "vscode";
import { showError } from "./reportError.ts";

/** Command handlers by name without the prefix. Arguments come from the palette, a menu, a view or a button. */
export type CommandTable = Record<string, (target?: unknown, more?: unknown) => unknown>;

/**
 * Registers every handler as `trainyard.<name>`. A failing command is reported to the person here and nowhere
 * else; what a command returns goes to its caller. `titles` names a command in such a report.
 */
export function registerCommands(table: CommandTable, titles: ReadonlyMap<string, string>): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, handler]) => {
      const command = `trainyard.${name}`;
      const doing = titles.get(command)?.replace("…", "") ?? name;
      return vscode.commands.registerCommand(command, async (target?: unknown, more?: unknown) => {
        try {
          return await handler(target, more);
        } catch (error) {
          await showError(error, doing);
          return undefined;
        }
      });
    }),
  );
}
