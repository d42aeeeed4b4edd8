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

/** What was added to each file and what was there already, as one sentence or two. */
export function describeMerges(
  merges: readonly { path: string; added: readonly string[]; kept: readonly string[] }[],
): string {
  const added = merges
    .filter((merge) => merge.added.length > 0)
    .map((merge) => `${merge.added.join(", ")} to ${merge.path}`);
  const kept = merges
    .filter((merge) => merge.kept.length > 0)
    .map((merge) => `${merge.kept.join(", ")} in ${merge.path}`);
  return [
    ...(added.length === 0 ? [] : [`Added ${added.join(" and ")}.`]),
    ...(kept.length === 0 ? [] : [`There already, and left as it was: ${kept.join(" and ")}.`]),
  ].join(" ");
}
