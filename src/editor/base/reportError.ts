import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { isCancellation } from "./cancellation.ts";
import { log } from "./log.ts";

export const OPEN_LOG_COMMAND = "trainyard.openLog";

/** `refused` may be shown as it is; `bug` has been written to the log and needs a way there. */
export type ErrorReport =
  | { kind: "cancelled" }
  | { kind: "refused"; message: string }
  | { kind: "bug"; message: string };

/** Sorts an error for the boundary that caught it. `doing` names what failed: "Showing the runs". */
export function reportError(error: unknown, doing: string): ErrorReport {
  if (isCancellation(error)) {
    return { kind: "cancelled" };
  }
  if (error instanceof UserError) {
    log().info(`${doing}: ${error.message}`);
    return { kind: "refused", message: error.message };
  }
  log().error(`${doing}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { kind: "bug", message: `${doing} failed for an unexpected reason. The log has the details.` };
}

/** Reports an error as a notification. */
export async function showError(error: unknown, doing: string): Promise<void> {
  const report = reportError(error, doing);
  if (report.kind === "cancelled") {
    return;
  }
  const openLog = "Open Extension Log";
  const buttons = report.kind === "bug" ? [openLog] : [];
  if ((await vscode.window.showErrorMessage(report.message, ...buttons)) === openLog) {
    await vscode.commands.executeCommand(OPEN_LOG_COMMAND);
  }
}

export function registerOpenLog(): vscode.Disposable {
  return vscode.commands.registerCommand(OPEN_LOG_COMMAND, () => {
    log().show();
  });
}
