import { type AgentCatalog, isSomebody } from "../agents/agentCatalog.ts";
import type { Handoff } from "../agents/agentDefinition.ts";

/** More buttons than this hide the answer that they stand under. */
const MAX_BUTTONS = 3;

/**
 * The handoffs that an answer shows as buttons, and those behind one more button. Targets that are installed come
 * first, otherwise the order of the agent's file stays. A single one left over is shown rather than hidden.
 */
export function chooseHandoffButtons(
  handoffs: readonly Handoff[],
  catalog: AgentCatalog,
): { shown: readonly Handoff[]; rest: readonly Handoff[] } {
  const ordered = handoffs.toSorted(
    (a, b) => Number(isSomebody(catalog, b.agent)) - Number(isSomebody(catalog, a.agent)),
  );
  const count = ordered.length === MAX_BUTTONS + 1 ? ordered.length : MAX_BUTTONS;
  return { shown: ordered.slice(0, count), rest: ordered.slice(count) };
}
