import { oneLine } from "../base/markdown.ts";
import { phaseAt, type WorkflowState } from "./workflowState.ts";

/** `Phase 3 (Risk Assessment)`, in the middle of a sentence. */
export function describePhase(state: WorkflowState, index: number): string {
  const title = state.definition.phases[index]?.title;
  return title === undefined ? `phase ${index + 1}` : `Phase ${index + 1} (${title})`;
}

/** Which phases may be skipped, and when, as a sentence. */
export function describeSkippable(state: WorkflowState): string {
  const named = state.definition.phases.flatMap(({ canSkip }, index) => (canSkip ? [describePhase(state, index)] : []));
  return named.length === 0
    ? "No phase of this workflow may be skipped."
    : `Of this workflow you may skip ${named.join(", ")}, once it is begun: cancel what is at work in it, then type /skip.`;
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

/** A message of an editor is a line or two. */
const NAMED_CHARACTERS = 60;

/** With the task: two workflows of one kind are told apart, and VS Code shows no message that equals one it still keeps. */
export function nameWorkflow({ definition, task }: WorkflowState): string {
  return `${definition.title} "${oneLine(task, NAMED_CHARACTERS)}"`;
}
