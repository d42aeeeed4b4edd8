import { escapeSentence, inlineCode } from "../base/markdown.ts";
import { argumentsOf, type McpPlan } from "./mcpServers.ts";

/** The servers that can be started, each with its command, and what the others need, as Markdown. */
export function describeMcp({ servers, missing }: McpPlan): string {
  const lines = servers.map((server) => {
    const command = [server.command, ...argumentsOf(server, ".")].join(" ");
    return `- **${server.label}** (${server.name}) ${inlineCode(command)}`;
  });
  const parts = [
    ...(lines.length === 0
      ? ["None of the servers that the agents ask for can be started here."]
      : [
          "These servers can be started here. Write them into a configuration, or let Trainyard offer them to every agent (setting `trainyard.mcp.offerServers`); starting one fetches its package.",
          lines.join("\n"),
        ]),
    ...(missing.length === 0 ? [] : ["Not available:", missing.map((line) => `- ${escapeSentence(line)}`).join("\n")]),
  ];
  return parts.join("\n\n");
}
