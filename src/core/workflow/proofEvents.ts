import { openProofs } from "./phaseChecks.ts";
import { settle, withPhase, withTask } from "./phaseProgress.ts";
import type { WorkflowEvent } from "./workflowEvent.ts";
import type { WorkflowState } from "./workflowState.ts";

/* What measuring does to a workflow: a new state, or the reason why there is none. Only `transition` decides who may say it. */

/** Puts what was seen beside what was said, and moves the phase on once nothing is left to measure. */
export function applyMeasurement(
  state: WorkflowState,
  { task: id, check, measurement }: Extract<WorkflowEvent, { kind: "proof-measured" }>,
): WorkflowState | string {
  const phase = state.phases[state.current];
  const task = phase?.tasks[id];
  const isOpen =
    phase?.kind === "working" && openProofs(phase).some((open) => open.task === id && open.check === check);
  if (task?.kind !== "done" || !isOpen) {
    return `"${check}" of the task "${id}" is not to be measured now.`;
  }
  const measured = { ...task.measured, [check]: measurement };
  const { log } = measurement;
  const changed = withPhase(state, state.current, (each) => withTask(each, id, { ...task, measured }));
  return settle(
    log === undefined ? changed : { ...changed, documents: { ...changed.documents, [log.document]: log.hash } },
  );
}

/** Lets the tests of a phase run, also those of its repetitions: what they run on was shown before it was written. */
export function allowTests(state: WorkflowState, index: number): WorkflowState | string {
  const phase = state.phases[index];
  if (index !== state.current || phase?.kind !== "working" || openProofs(phase).length === 0) {
    return "No check waits for its tests to be run now.";
  }
  return withPhase(state, index, (each) => ({ ...each, mayRunTests: true }));
}
