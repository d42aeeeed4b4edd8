import { describePhase } from "./phaseNames.ts";
import type { WorkflowState } from "./workflowState.ts";

/** A round of a phase, by its index: what was begun or asked for in one of them says nothing of another. */
export type Turn = { phase: number; round: number };

/** The phase and round at work; round 0 of none once all are done. */
export function turnOf({ current, phases }: WorkflowState): Turn {
  return { phase: current, round: phases[current]?.round ?? 0 };
}

export function isTurnOf(state: WorkflowState, { phase, round }: Turn): boolean {
  const now = turnOf(state);
  return now.phase === phase && now.round === round;
}

/** Why what was meant for a turn does not count any more; another window may have moved the workflow on meanwhile. */
export function refuseOtherTurn(state: WorkflowState, turn: Turn): string | undefined {
  return isTurnOf(state, turn)
    ? undefined
    : `This was meant for ${describePhase(state, turn.phase)}, round ${turn.round}, and the workflow has moved on since. Look at it again.`;
}
