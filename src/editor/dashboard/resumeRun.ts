import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** Plans the training of a run anew, going on from one of its checkpoints; the plan is shown before anything starts. */
export async function resumeFromCheckpoint(run: Run, checkpoint: string): Promise<void> {
  const { plan } = run.record;
  const { ArgumentEditor } = await import("../../core/training/diagnosis/argumentEdits.ts");
  const { splitCommand } = await import("../../core/training/diagnosis/proposeFix.ts");
  const { readScript } = await import("../../node/training/planLaunch.ts");
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(run.folder));
  const split = splitCommand(plan);
  if (folder === undefined || split === undefined || plan.kind === "flow") {
    throw new UserError(
      `${plan.title} is no script of this window that goes on from a checkpoint. Start it from the terminal.`,
    );
  }
  const context = { workspaceFolder: folder.uri.fsPath, environment: process.env };
  const script = await readScript(plan.script, context);
  const editor = new ArgumentEditor(split.words, script.arguments);
  if (!editor.set("resume", checkpoint)) {
    throw new UserError(
      `${path.basename(plan.script)} has no argument like --resume, so it cannot go on from ${path.basename(checkpoint)}.`,
    );
  }
  await vscode.commands.executeCommand("trainyard.planRun", { script: plan.script, arguments: editor.edited.words });
}
