import { openProofs } from "./phaseChecks.ts";
import { settle, withPhase, withTask } from "./phaseProgress.ts";
import type { WorkflowEvent } from "./workflowEvent.ts";
import type { WorkflowState } from "./workflowState.ts";

/* What measuring does to a workflow: a new state, or the reason why there is none. Only `transition` decides who may say it. */

/** Puts what was seen beside what was said, and moves the phase on once nothing is left to measure. */
export function applyMeasurement(
  state: WorkflowState,
  { task: id, check, round, proof, measurement }: Extract<WorkflowEvent, { kind: "proof-measured" }>,
): WorkflowState | string {
  const phase = state.phases[state.current];
  const task = phase?.tasks[id];
  const open =
    phase?.kind === "working" ? openProofs(phase).find((each) => each.task === id && each.check === check) : undefined;
  const isMeant =
    open !== undefined &&
    (round === undefined || round === phase?.round) &&
    (proof === undefined || JSON.stringify(proof) === JSON.stringify(open.proof));
  if (task?.kind !== "done" || !isMeant) {
    return `"${check}" of the task "${id}" is not to be measured now.`;
  }
  const measured = { ...task.measured, [check]: measurement };
  const { log } = measurement;
  const changed = withPhase(state, state.current, (each) => withTask(each, id, { ...task, measured }));
  return settle(
    log === undefined ? changed : { ...changed, documents: { ...changed.documents, [log.document]: log.hash } },
  );
}
