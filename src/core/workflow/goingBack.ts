import { openPhase, withoutDocuments } from "./phaseProgress.ts";
import { newPhase, type WorkflowState } from "./workflowState.ts";

/** Opens a phase that has begun once more, and undoes what followed it; or the reason why not. */
export function goBack(state: WorkflowState, index: number): WorkflowState | string {
  if (!Number.isInteger(index) || index < 0 || index > state.current || index >= state.phases.length) {
    return "Going back needs a phase that has begun.";
  }
  if (state.isStopped || state.isForeign) {
    return "Resume or confirm the workflow first.";
  }
  const reset = state.phases.map((phase, at) => {
    const definition = state.definition.phases[at];
    return at < index || definition === undefined || phase.kind === "pending"
      ? phase
      : { ...newPhase(definition), round: phase.round + 1 };
  });
  return openPhase({ ...withoutDocuments(state, index), phases: reset }, index, { asksAgain: true });
}
