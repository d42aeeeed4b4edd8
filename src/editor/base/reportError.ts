import * as vscode from "vscode";
import { type Remedy, UserError } from "../../core/base/errors.ts";
import { isCancellation } from "./cancellation.ts";
import { log } from "./log.ts";

const OPEN_LOG_COMMAND = "trainyard.openLog";

/** `refused` may be shown as it is; `bug` has been written to the log and needs a way there. */
export type ErrorReport =
  | { kind: "cancelled" }
  | { kind: "refused"; message: string; remedy?: Remedy }
  | { kind: "bug"; message: string };

/** Sorts an error for the boundary that caught it. `doing` names what failed: "Showing the runs". */
export function reportError(error: unknown, doing: string): ErrorReport {
  if (isCancellation(error)) {
    return { kind: "cancelled" };
  }
  if (error instanceof UserError) {
    log().info(`${doing}: ${error.message}`);
    const { message, remedy } = error;
    return { kind: "refused", message, ...(remedy === undefined ? {} : { remedy }) };
  }
  log().error(`${doing}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { kind: "bug", message: `${doing} failed for an unexpected reason. The log has the details.` };
}

/** The button beside a report. */
export function remedyOf(report: ErrorReport): Remedy | undefined {
  if (report.kind === "bug") {
    return { title: "Open Extension Log", command: OPEN_LOG_COMMAND };
  }
  return report.kind === "refused" ? report.remedy : undefined;
}

/** Reports an error as a notification. */
export async function showError(error: unknown, doing: string): Promise<void> {
  const report = reportError(error, doing);
  if (report.kind === "cancelled") {
    return;
  }
  const remedy = remedyOf(report);
  const buttons = remedy === undefined ? [] : [remedy.title];
  const choice = await vscode.window.showErrorMessage(report.message, ...buttons);
  if (remedy !== undefined && choice === remedy.title) {
    await vscode.commands.executeCommand(remedy.command);
  }
}

export function registerOpenLog(): vscode.Disposable {
  return vscode.commands.registerCommand(OPEN_LOG_COMMAND, () => {
    log().show();
  });
}
