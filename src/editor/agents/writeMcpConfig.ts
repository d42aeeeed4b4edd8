import * as path from "node:path";
import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { McpPlan, McpServer } from "../../core/agents/mcpServers.ts";
import { UserError } from "../../core/base/errors.ts";
import type { McpFile, MergedConfig } from "../../node/agents/mcpConfig.ts";
import { fileExists } from "../base/fileExists.ts";
import { chooseWorkspaceFolder, displayPath, requireTrust } from "../base/workspace.ts";
import { type LoadCatalog, planServers } from "./mcpPlan.ts";

/** Names of the agents that something in the workspace speaks for. */
type FittingAgents = () => Promise<readonly string[]>;

/** "Trainyard: Write MCP Config…": adds the servers that the person chooses to the files that keep them. */
export async function writeMcpConfig(loadCatalog: LoadCatalog, fittingAgents: FittingAgents): Promise<void> {
  requireTrust("writing a configuration that starts servers");
  const folder = await chooseWorkspaceFolder();
  const { MCP_FILES } = await import("../../node/agents/mcpConfig.ts");
  const servers = await pickServers(await planServers(loadCatalog), await loadCatalog(), await fittingAgents());
  const picked =
    servers.length === 0
      ? []
      : await vscode.window.showQuickPick(
          MCP_FILES.map((file) => ({ label: file.path, picked: true, file })),
          { title: "Write them into which files?", canPickMany: true },
        );
  // All are read before the first is written, so that one that is broken leaves none half done.
  const merges: PlannedMerge[] = [];
  for (const { file } of picked ?? []) {
    merges.push(await planMerge(vscode.Uri.file(path.join(folder.uri.fsPath, file.path)), file, servers));
  }
  for (const merge of merges.filter(({ added }) => added.length > 0)) {
    await replaceText(merge);
  }
  await tellWritten(merges);
}

type PlannedMerge = MergedConfig & { uri: vscode.Uri; exists: boolean };

/** Preselected are those that an agent asks for which something in the workspace speaks for. */
async function pickServers({ servers }: McpPlan, { agents }: AgentCatalog, fitting: readonly string[]) {
  if (servers.length === 0) {
    throw new UserError(
      "None of the servers that the agents ask for can be started here. @mlops-engineer /mcp says why.",
    );
  }
  const { askedServers } = await import("../../core/agents/mcpServers.ts");
  const rows = servers.map((server) => {
    const asking = agents
      .filter(({ definition }) => askedServers(definition.extra).includes(server.name))
      .map(({ definition }) => definition.name);
    return {
      label: server.name,
      description: server.label,
      detail: `For ${asking.join(", ")}`,
      picked: asking.some((name) => fitting.includes(name)),
      server,
    };
  });
  const picked = await vscode.window.showQuickPick(rows, { title: "Write which MCP servers?", canPickMany: true });
  return (picked ?? []).map(({ server }) => server);
}

async function planMerge(uri: vscode.Uri, file: McpFile, servers: readonly McpServer[]): Promise<PlannedMerge> {
  const { mergeMcpConfig } = await import("../../node/agents/mcpConfig.ts");
  const exists = await fileExists(uri.fsPath);
  const before = exists ? (await vscode.workspace.openTextDocument(uri)).getText() : "";
  return { ...mergeMcpConfig(before, file, servers), uri, exists };
}

async function tellWritten(merges: readonly PlannedMerge[]): Promise<void> {
  const first = merges.find(({ added }) => added.length > 0) ?? merges[0];
  if (first === undefined) {
    return;
  }
  const { describeMerges } = await import("../../core/agents/describeMcp.ts");
  const sentence = describeMerges(
    merges.map(({ uri, added, kept }) => ({ path: displayPath(uri.fsPath), added, kept })),
  );
  const open = "Open File";
  if ((await vscode.window.showInformationMessage(sentence, open)) === open) {
    await vscode.window.showTextDocument(first.uri);
  }
}

/** As an edit of the editor, so that Undo takes it back and unsaved text of the person is not lost. */
async function replaceText({ uri, text, exists }: PlannedMerge): Promise<void> {
  if (!(await (exists ? editWhole(uri, text) : createFile(uri, text)))) {
    throw new UserError(
      `${displayPath(uri.fsPath)} could not be written. Check that the folder is writable, then write the configuration again.`,
    );
  }
}

async function createFile(uri: vscode.Uri, text: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  return vscode.workspace.applyEdit(edit);
}

async function editWhole(uri: vscode.Uri, text: string): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(uri);
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, whole, text);
  return (await vscode.workspace.applyEdit(edit)) && (await document.save());
}
