import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import { describeMcp } from "../../core/agents/describeMcp.ts";
import { askedServers, type McpPlan, planMcpServers } from "../../core/agents/mcpServers.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { isOnPath } from "../../node/base/commandOnPath.ts";

export type LoadCatalog = () => Promise<AgentCatalog>;

/** The servers that the agents ask for, and those of them that can be started here. */
export async function planServers(loadCatalog: LoadCatalog): Promise<McpPlan> {
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
      return {
        markdown: describeMcp({ servers, missing }),
        buttons:
          servers.length === 0
            ? []
            : [
                { title: "Write MCP Config…", command: "trainyard.writeMcpConfig" },
                {
                  title: "Offer Them Here",
                  command: "workbench.action.openSettings",
                  arguments: ["trainyard.mcp.offerServers"],
                },
              ],
      };
    },
  };
}
