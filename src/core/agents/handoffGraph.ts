import type { AgentCatalog } from "./agentCatalog.ts";
import { builtInAgent } from "./dialect.ts";

/** `participant`: answers in the chat as `@name`. `built-in`: comes with VS Code. `missing`: named by a handoff, and no file defines it. */
export type AgentNode = {
  name: string;
  kind: "participant" | "custom-agent" | "built-in" | "missing";
  description: string;
  path?: string;
};

/** All handoffs from one agent to another. */
export type HandoffEdge = { from: string; to: string; labels: readonly string[]; sendsByItself: boolean };

export type HandoffGraph = { nodes: readonly AgentNode[]; edges: readonly HandoffEdge[] };

/** Who hands to whom: every agent, and every target that does not exist yet. */
export function buildHandoffGraph(catalog: AgentCatalog, participants: readonly string[]): HandoffGraph {
  const nodes = new Map<string, AgentNode>();
  const files = new Set(catalog.agents.map(({ definition }) => definition.name));
  for (const { definition, path } of catalog.agents) {
    const { name, description } = definition;
    nodes.set(name, { name, kind: participants.includes(name) ? "participant" : "custom-agent", description, path });
  }
  const edges = new Map<string, HandoffEdge>();
  for (const { definition } of catalog.agents) {
    for (const { agent: written, label, send } of definition.handoffs) {
      const ofChat = files.has(written) ? undefined : builtInAgent(written);
      const agent = ofChat ?? written;
      const key = JSON.stringify([definition.name, agent]);
      const known = edges.get(key);
      edges.set(key, {
        from: definition.name,
        to: agent,
        labels: [...(known?.labels ?? []), label],
        sendsByItself: send || known?.sendsByItself === true,
      });
      if (!nodes.has(agent)) {
        nodes.set(
          agent,
          ofChat === undefined
            ? { name: agent, kind: "missing", description: "No file defines this agent yet." }
            : { name: agent, kind: "built-in", description: "Comes with VS Code." },
        );
      }
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
