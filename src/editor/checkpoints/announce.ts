import * as vscode from "vscode";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { log } from "../base/log.ts";

/** How long a finished checkpoint stays in the status bar. */
const STATUS_BAR_MS = 8000;

/** Says, the way the settings ask for, that a checkpoint is finished and what is inside. */
export async function announceCheckpoint(summary: CheckpointSummary & { path: string }): Promise<void> {
  const { describeCheckpoint } = await import("../../core/checkpoints/describeCheckpoint.ts");
  const text = describeCheckpoint(summary);
  log().info(`Checkpoint finished: ${text} (${summary.path})`);
  const manner = vscode.workspace.getConfiguration("trainyard").get<string>("checkpoints.announce");
  if (manner === "statusBar") {
    vscode.window.setStatusBarMessage(`$(archive) ${text}`, STATUS_BAR_MS);
  } else if (manner === "notification") {
    const choice = await vscode.window.showInformationMessage(`Checkpoint ${text}`, "Inspect");
    if (choice === "Inspect") {
      await vscode.commands.executeCommand("trainyard.inspectCheckpoints", vscode.Uri.file(summary.path));
    }
  }
}
