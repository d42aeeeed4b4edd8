import * as vscode from "vscode";
import { type AgentTemplateRequest, agentTemplatePath, renderAgentTemplate } from "../../core/agents/agentTemplate.ts";
import { writeNewFile } from "../../node/base/writeNewFile.ts";
import { resolveInFolder } from "./workspace.ts";

/** An agent's file, and whether it is the one that was asked for or one that was there and stays as it is. */
export type WrittenAgent = { uri: vscode.Uri; path: string; outcome: "written" | "exists" };

/** Writes an agent from its template into a folder of the workspace; never replaces a file. */
export async function writeAgent(folder: vscode.WorkspaceFolder, request: AgentTemplateRequest): Promise<WrittenAgent> {
  const path = agentTemplatePath(request.name);
  const target = resolveInFolder(folder, path);
  const outcome = await writeNewFile(target, renderAgentTemplate(request));
  return { uri: vscode.Uri.file(target), path, outcome };
}
