import * as vscode from "vscode";
import type { AgentFiles } from "./agentFiles.ts";

const SETTING = "trainyard.mcp.offerServers";

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
        const { planServers } = await import("./mcpPlan.ts");
        const { serversForFolders } = await import("../../core/agents/mcpServers.ts");
        const { servers } = await planServers(() => agents.load());
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
