import * as path from "node:path";
import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { McpPlan } from "../../core/agents/mcpServers.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { McpFile } from "../../node/agents/mcpConfig.ts";
import { fileExists } from "../base/fileExists.ts";
import { chooseWorkspaceFolder, requireTrust } from "../base/workspace.ts";

const SETTING = "trainyard.mcp.offerServers";

type LoadCatalog = () => Promise<AgentCatalog>;

/**
 * Offers the servers that the agents ask for and that can be started here, once the person has allowed it: VS Code starts
 * what an extension offers by itself, and starting one of these fetches a package.
 */
export function registerMcpServers(loadCatalog: LoadCatalog): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) {
        changed.fire();
      }
    }),
    vscode.lm.registerMcpServerDefinitionProvider("trainyard.mcp", {
      onDidChangeMcpServerDefinitions: changed.event,
      async provideMcpServerDefinitions() {
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
        const isOffered = vscode.workspace.getConfiguration().get(SETTING, false);
        if (folder === undefined || !isOffered || !vscode.workspace.isTrusted) {
          return [];
        }
        const { servers } = await planServers(loadCatalog);
        const { argumentsOf } = await import("../../core/agents/mcpServers.ts");
        return servers.map(
          (server) => new vscode.McpStdioServerDefinition(server.label, server.command, argumentsOf(server, folder)),
        );
      },
    }),
  );
}

async function planServers(loadCatalog: LoadCatalog): Promise<McpPlan> {
  const { askedServers, planMcpServers } = await import("../../core/agents/mcpServers.ts");
  const { isOnPath } = await import("../../node/base/commandOnPath.ts");
  const { agents } = await loadCatalog();
  return planMcpServers(
    agents.flatMap(({ definition }) => askedServers(definition.extra)),
    isOnPath,
  );
}

/** "Trainyard: Write MCP Config…": adds the servers to the files that keep them, and opens what it wrote. */
export async function writeMcpConfig(loadCatalog: LoadCatalog): Promise<void> {
  requireTrust("writing a configuration that starts servers");
  const folder = await chooseWorkspaceFolder();
  const { MCP_FILES } = await import("../../node/agents/mcpConfig.ts");
  const picked = await vscode.window.showQuickPick(
    MCP_FILES.map((file) => ({ label: file.path, picked: true, file })),
    { title: "Write the servers of the agents into which files?", canPickMany: true },
  );
  const plan = await planServers(loadCatalog);
  const sentences: string[] = [];
  for (const { file } of picked ?? []) {
    sentences.push(await writeInto(vscode.Uri.file(path.join(folder.uri.fsPath, file.path)), file, plan));
  }
  if (sentences.length > 0) {
    await vscode.window.showInformationMessage([...sentences, ...plan.missing].join(" "));
  }
}

async function writeInto(uri: vscode.Uri, file: McpFile, plan: McpPlan): Promise<string> {
  const { mergeMcpConfig } = await import("../../node/agents/mcpConfig.ts");
  const exists = await fileExists(uri.fsPath);
  const before = exists ? (await vscode.workspace.openTextDocument(uri)).getText() : "";
  const { text, added, kept } = mergeMcpConfig(before, file, plan.servers);
  if (added.length > 0) {
    await replaceText(uri, text, exists);
  }
  const rest = kept.length === 0 ? "" : ` ${kept.join(", ")} stayed as it was.`;
  return added.length === 0 ? `${file.path} needed nothing.` : `Added ${added.join(", ")} to ${file.path}.${rest}`;
}

/** As an edit of the editor, so that Undo takes it back and unsaved text of the person is not lost. */
async function replaceText(uri: vscode.Uri, text: string, exists: boolean): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  if (!exists) {
    edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  } else {
    const document = await vscode.workspace.openTextDocument(uri);
    const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
    edit.replace(uri, whole, text);
  }
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(uri, { preview: false });
  await vscode.workspace.save(uri);
}

/** `/mcp`: which servers the agents can use here, and what the others need. */
export function mcpSlashCommand(loadCatalog: LoadCatalog): SlashCommand {
  return {
    participant: "mlops-engineer",
    name: "mcp",
    description: "show which MCP servers the agents can use here",
    offersHandoffs: false,
    async answer() {
      const { servers, missing } = await planServers(loadCatalog);
      const { describeMcp } = await import("../../core/agents/describeMcp.ts");
      return {
        markdown: describeMcp({ servers, missing }),
        buttons:
          servers.length === 0
            ? []
            : [
                { title: "Write MCP Config…", command: "trainyard.writeMcpConfig" },
                { title: "Offer Them Here", command: "workbench.action.openSettings", arguments: [SETTING] },
              ],
      };
    },
  };
}
