import * as path from "node:path";
import * as vscode from "vscode";
import { fileExists } from "../base/fileExists.ts";
import { workspaceRoots } from "../base/workspace.ts";
import type { WorkflowDesk } from "./workflowDesk.ts";

/**
 * Whether a workflow is here and whether one is under way, for the rules by which their commands are shown. Told at once,
 * since a person who is asked to approve may open the palette in that moment; changes that come meanwhile share the next
 * reading.
 */
export function registerWorkflowContext(desk: WorkflowDesk, onError: (error: unknown) => void): vscode.Disposable {
  let isReading = false;
  let isStale = false;
  const publishUntilFresh = async () => {
    do {
      isStale = false;
      await publish(desk);
    } while (isStale);
  };
  const tell = () => {
    isStale = true;
    if (!isReading) {
      isReading = true;
      void publishUntilFresh()
        .catch(onError)
        .finally(() => {
          isReading = false;
        });
    }
  };
  tell();
  return vscode.Disposable.from(
    desk.onDidChange(tell),
    vscode.workspace.onDidGrantWorkspaceTrust(tell),
    vscode.workspace.onDidChangeWorkspaceFolders(tell),
  );
}

async function publish(desk: WorkflowDesk): Promise<void> {
  const { workflows, unreadable } = (await holdsWorkflows())
    ? await desk.contents()
    : { workflows: [], unreadable: [] };
  const states = workflows.map(({ state }) => state);
  const { isUnderWay } = await import("../../core/workflow/workflowState.ts");
  await vscode.commands.executeCommand("setContext", "trainyard.hasWorkflow", states.length > 0);
  await vscode.commands.executeCommand("setContext", "trainyard.hasOpenWorkflow", states.some(isUnderWay));
  const hasBroken = unreadable.some(({ isBroken }) => isBroken);
  await vscode.commands.executeCommand("setContext", "trainyard.hasBrokenWorkflow", hasBroken);
}

/** Most workspaces have none, and need not load what reads them. */
async function holdsWorkflows(): Promise<boolean> {
  const found = await Promise.all(
    workspaceRoots().map((root) => fileExists(path.join(root, ".trainyard", "workflows"))),
  );
  return found.includes(true);
}
