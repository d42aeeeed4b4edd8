import { type AgentCatalog, isSomebody } from "../agents/agentCatalog.ts";
import type { Handoff } from "../agents/agentDefinition.ts";

/** The chat gives each button a row and the same weight, so more of them hide the answer that they stand under. */
const MAX_BUTTONS = 2;

export type AnswerAbove = {
  /** The agents whose work usually follows, the likeliest first. */
  followedBy?: readonly string[];
  ownButtons?: number;
};

/**
 * The handoffs that an answer shows as buttons, and those behind one more button. Targets that are installed come
 * first, then those whose work follows such an answer; otherwise the order of the agent's file stays. An answer with
 * buttons of its own keeps one beside them. A single one left over is shown rather than hidden.
 */
export function chooseHandoffButtons(
  handoffs: readonly Handoff[],
  catalog: AgentCatalog,
  { followedBy = [], ownButtons = 0 }: AnswerAbove = {},
): { shown: readonly Handoff[]; rest: readonly Handoff[] } {
  const rank = ({ agent }: Handoff) => {
    const place = followedBy.indexOf(agent);
    return (isSomebody(catalog, agent) ? 0 : followedBy.length + 1) + (place === -1 ? followedBy.length : place);
  };
  const ordered = handoffs.toSorted((a, b) => rank(a) - rank(b));
  const most = ownButtons > 0 ? 1 : MAX_BUTTONS;
  const count = ordered.length === most + 1 ? ordered.length : most;
  return { shown: ordered.slice(0, count), rest: ordered.slice(count) };
}
