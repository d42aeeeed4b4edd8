import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { McpPlan } from "../../core/agents/mcpServers.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { AgentFiles } from "./agentFiles.ts";

const SETTING = "trainyard.mcp.offerServers";

export type LoadCatalog = () => Promise<AgentCatalog>;

/**
 * Offers the servers that the agents ask for and that can be started here, once the person has allowed it: VS Code starts
 * what an extension offers by itself, and starting one of these fetches a package.
 */
export function registerMcpServers(agents: Pick<AgentFiles, "load" | "onDidSettle">): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    agents.onDidSettle(() => {
      if (isOffered()) {
        changed.fire();
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) {
        changed.fire();
      }
    }),
    vscode.lm.registerMcpServerDefinitionProvider("trainyard.mcp", {
      onDidChangeMcpServerDefinitions: changed.event,
      async provideMcpServerDefinitions() {
        const folders = vscode.workspace.workspaceFolders ?? [];
        if (folders.length === 0 || !isOffered() || !vscode.workspace.isTrusted) {
          return [];
        }
        const { servers } = await planServers(() => agents.load());
        const { serversForFolders } = await import("../../core/agents/mcpServers.ts");
        const places = folders.map(({ name, uri }) => ({ name, path: uri.fsPath }));
        return serversForFolders(servers, places).map(
          ({ label, command, args }) => new vscode.McpStdioServerDefinition(label, command, args),
        );
      },
    }),
  );
}

function isOffered(): boolean {
  return vscode.workspace.getConfiguration().get(SETTING, false);
}

export async function planServers(loadCatalog: LoadCatalog): Promise<McpPlan> {
  const { askedServers, planMcpServers } = await import("../../core/agents/mcpServers.ts");
  const { isOnPath } = await import("../../node/base/commandOnPath.ts");
  const { agents } = await loadCatalog();
  return planMcpServers(
    agents.flatMap(({ definition }) => askedServers(definition.extra)),
    isOnPath,
  );
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
