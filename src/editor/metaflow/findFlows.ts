import * as path from "node:path";
import type * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";

/** What helps where there is no flow. */
export const NEW_FLOW = { title: "New Metaflow Flow…", command: "trainyard.newFlow" };

/** The flow files of a folder, absolute, best first. Refuses where there is none. */
export async function findFlows(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<[string, ...string[]]> {
  const [best, ...others] = await listFlows(folder, signal);
  if (best === undefined) {
    throw new UserError(`No Metaflow flow was found in ${folder.name}. Write one with Trainyard: New Metaflow Flow.`, {
      remedy: NEW_FLOW,
    });
  }
  return [best, ...others];
}

/** The same, where none is no obstacle. */
export async function listFlows(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<string[]> {
  const { findTrainingScripts } = await import("../../node/training/findScripts.ts");
  const { candidates } = await findTrainingScripts(folder.uri.fsPath, signal);
  return candidates.filter(({ kind }) => kind === "flow").map((flow) => path.join(folder.uri.fsPath, flow.path));
}
