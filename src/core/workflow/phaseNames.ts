import { phaseAt, type WorkflowState } from "./workflowState.ts";

/** `Phase 3 (Risk Assessment)`, in the middle of a sentence. */
export function describePhase(state: WorkflowState, index: number): string {
  const title = state.definition.phases[index]?.title;
  return title === undefined ? `phase ${index + 1}` : `Phase ${index + 1} (${title})`;
}

/** What is said at the start of each phase: where we are, and what comes next. */
export function announcePhase(state: WorkflowState, index: number): string {
  const count = state.phases.length;
  const { title } = phaseAt(state, index).definition;
  const next = state.definition.phases[index + 1]?.title;
  const coming = next === undefined ? "Next: Done!" : `Next: Phase ${index + 2} - ${next}`;
  return `**Phase ${index + 1} of ${count}: ${title}**\n\n${coming}`;
}

/** Whether a text is what `announcePhase` says. */
export function isAnnouncement(text: string): boolean {
  return /^\*\*Phase \d+ of \d+: .*\*\*\n\nNext: /.test(text);
}
