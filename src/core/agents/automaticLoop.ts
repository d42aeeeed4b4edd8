import type { AgentDefinition } from "./agentDefinition.ts";

/**
 * The shortest chain of automatic sends from `from` by way of its handoff to `to` back to `from`, both ends
 * included (`[a, b, a]`); undefined where the chain ends or waits for a person.
 */
export function automaticLoop(
  from: string,
  to: string,
  definitions: ReadonlyMap<string, AgentDefinition>,
): readonly string[] | undefined {
  const seen = new Set([to]);
  // Grows while it is walked: breadth first, so that the first chain that closes is a shortest one.
  const chains = [[from, to]];
  for (const chain of chains) {
    const last = chain.at(-1);
    if (last === from) {
      return chain;
    }
    const handoffs = last === undefined ? [] : (definitions.get(last)?.handoffs ?? []);
    for (const { agent, send } of handoffs) {
      if (send && !seen.has(agent)) {
        seen.add(agent);
        chains.push([...chain, agent]);
      }
    }
  }
  return undefined;
}
