import type { AgentCatalog, CatalogedAgent } from "../agents/agentCatalog.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { type AgentEvidence, type AgentStanding, describeEvidence } from "../knowledge/triggers/mergeRankings.ts";

/** An agent as it is listed, with what speaks for it here. */
export type ListedAgent = {
  name: string;
  kind: "participant" | "custom-agent";
  agent: CatalogedAgent;
  evidence: readonly AgentEvidence[];
  /** Problems in its file that somebody should look at. */
  problems: number;
};

/** The agents that fit the workspace first; among equals those of the chat, then the workspace's own. */
export function listAgents(
  catalog: AgentCatalog,
  standings: readonly AgentStanding[],
  participants: readonly string[],
): ListedAgent[] {
  const scoreOf = (name: string) => standings.find((standing) => standing.name === name)?.score ?? 0;
  const rankOf = ({ kind, agent }: ListedAgent) => (kind === "participant" ? 0 : agent.origin === "workspace" ? 1 : 2);
  return catalog.agents
    .map((agent): ListedAgent => {
      const { name } = agent.definition;
      const problems = catalog.problems.filter(
        ({ path, severity }) => path === agent.path && severity !== "information",
      );
      return {
        name,
        kind: participants.includes(name) ? "participant" : "custom-agent",
        agent,
        evidence: standings.find((standing) => standing.name === name)?.evidence ?? [],
        problems: problems.length,
      };
    })
    .toSorted((a, b) => scoreOf(b.name) - scoreOf(a.name) || rankOf(a) - rankOf(b));
}

/** The one agent that is suggested for a workspace: the best of those that something speaks for. */
export function suggestAgent(agents: readonly ListedAgent[]): ListedAgent | undefined {
  const [best] = agents;
  return best !== undefined && best.evidence.length > 0 ? best : undefined;
}

/** The name as the chat takes it. */
export function addressOf({ name, kind }: ListedAgent): string {
  return kind === "participant" ? `@${name}` : name;
}

/** One line beside the name. */
export function describeListedAgent({ evidence, problems }: ListedAgent): string {
  const [best, ...more] = evidence;
  const fit = best === undefined ? [] : [`${best.found}${more.length === 0 ? "" : ` +${more.length}`}`];
  const wrong = problems === 0 ? [] : [problems === 1 ? "1 problem" : `${problems} problems`];
  return [...wrong, ...fit].join(" · ");
}

/** What stands under the pointer, as Markdown: what the agent is for, and each thing that speaks for it with its place. */
export function explainListedAgent(listed: ListedAgent): string {
  const { evidence, agent } = listed;
  const reasons = evidence.map((each) => `- ${escapeMarkdown(describeEvidence(each))}`);
  return [
    `**${addressOf(listed)}**`,
    escapeMarkdown(agent.definition.description),
    ...(reasons.length === 0
      ? ["Nothing in this workspace matches its triggers."]
      : [["What speaks for it here:", "", ...reasons].join("\n")]),
  ].join("\n\n");
}
