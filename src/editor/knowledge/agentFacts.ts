import * as path from "node:path";
import * as vscode from "vscode";
import type { WorkspaceFacts } from "../../core/knowledge/fact.ts";
import type { AgentStanding } from "../../core/knowledge/triggers/mergeRankings.ts";
import type { AgentTriggers } from "../../core/knowledge/triggers/rankAgents.ts";
import { factsOfFolder } from "./folderFacts.ts";

/** Agents by how well they fit what is in the open folders, best first. */
export async function rankAgentsHere(
  agents: readonly AgentTriggers[],
  signal: AbortSignal,
): Promise<readonly AgentStanding[]> {
  const { mergeRankings } = await import("../../core/knowledge/triggers/mergeRankings.ts");
  const folders = vscode.workspace.workspaceFolders ?? [];
  const rankings = await Promise.all(
    folders.map(async (folder) => ({
      folder: folder.uri.fsPath,
      ranking: (await factsOfFolder(folder, signal, agents)).ranking,
    })),
  );
  return mergeRankings(rankings);
}

/** Facts of every open folder. */
export async function factsOfWindow(signal: AbortSignal): Promise<WorkspaceFacts[]> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return await Promise.all(folders.map(async (folder) => (await factsOfFolder(folder, signal)).facts));
}

/** Folders of the workspace that hold checkpoints, absolute. */
export async function checkpointFoldersOfWindow(signal: AbortSignal): Promise<string[]> {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const facts = await factsOfWindow(signal);
  return facts.flatMap((each, index) =>
    each.facts.filter(({ key }) => key === "model_dirs").map(({ value }) => path.resolve(roots[index] ?? "", value)),
  );
}

/** What a trigger finds in the open folders, as Markdown. */
export async function explainTrigger(wording: string): Promise<string> {
  const [{ compileTrigger }, { describeEvidence }, { escapeMarkdown }] = await Promise.all([
    import("../../core/knowledge/triggers/compileTrigger.ts"),
    import("../../core/knowledge/triggers/mergeRankings.ts"),
    import("../../core/base/markdown.ts"),
  ]);
  const trigger = compileTrigger(wording);
  if (trigger.kind === "unknown") {
    return trigger.message;
  }
  const [standing] = await rankAgentsHere([{ name: wording, triggers: [wording] }], new AbortController().signal);
  const evidence = standing?.evidence ?? [];
  return evidence.length === 0
    ? "Nothing in this workspace matches."
    : `Matches here: ${evidence.map((each) => escapeMarkdown(describeEvidence(each))).join("; ")}.`;
}
