import * as path from "node:path";
import * as vscode from "vscode";
import { fileExists } from "../base/fileExists.ts";
import { workspaceRoots } from "../base/workspace.ts";
import type { WorkflowDesk } from "./workflowDesk.ts";

/** A step of a workflow writes several files. */
const DELAY_MS = 150;

/** Whether a workflow is here and whether one is under way, for the rules by which their commands are shown. */
export function registerWorkflowContext(desk: WorkflowDesk, onError: (error: unknown) => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void publish(desk).catch(onError), DELAY_MS);
  };
  tell();
  return vscode.Disposable.from(
    desk.onDidChange(tell),
    vscode.workspace.onDidGrantWorkspaceTrust(tell),
    vscode.workspace.onDidChangeWorkspaceFolders(tell),
    { dispose: () => clearTimeout(timer) },
  );
}

async function publish(desk: WorkflowDesk): Promise<void> {
  const counts = (await holdsWorkflows())
    ? { all: (await desk.contents()).workflows.length, open: (await desk.unfinished()).length }
    : { all: 0, open: 0 };
  await vscode.commands.executeCommand("setContext", "trainyard.hasWorkflow", counts.all > 0);
  await vscode.commands.executeCommand("setContext", "trainyard.hasOpenWorkflow", counts.open > 0);
}

/** Most workspaces have none, and need not load what reads them. */
async function holdsWorkflows(): Promise<boolean> {
  const found = await Promise.all(
    workspaceRoots().map((root) => fileExists(path.join(root, ".trainyard", "workflows"))),
  );
  return found.includes(true);
}
