import { failedMeasurements, openProofs } from "./phaseChecks.ts";
import { settle, withPhase, withTask } from "./phaseProgress.ts";
import type { Measurement } from "./proof.ts";
import type { WorkflowEvent } from "./workflowEvent.ts";
import { type PhaseState, phaseDocument, type TaskState, type WorkflowState } from "./workflowState.ts";

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

/** Whether a measurement of this phase has failed, which another look may see otherwise. */
export function canMeasureAgain(phase: PhaseState): boolean {
  return Object.values(phase.tasks).some((task) => Object.keys(failedMeasurements(task)).length > 0);
}

/** Forgets what was measured and failed, so that it is looked at again; what passed and what was said stays. */
export function reopenProofs(
  state: WorkflowState,
  { phase: index }: Extract<WorkflowEvent, { kind: "proofs-reopened" }>,
): WorkflowState | string {
  const phase = state.phases[index];
  if (index !== state.current || phase?.kind !== "awaiting-approval" || !canMeasureAgain(phase)) {
    return "No check that was measured has failed at this gate, so there is nothing to measure again.";
  }
  const tasks = Object.fromEntries(Object.entries(phase.tasks).map(([id, task]) => [id, withoutFailed(task)]));
  const logs = Object.values(phase.tasks).flatMap((task) => logsOf(failedMeasurements(task)));
  const kept = withoutPaths(state, [phaseDocument(state, index), ...logs]);
  return withPhase(kept, index, (each) => ({ ...each, kind: "working", tasks }));
}

function withoutFailed(task: TaskState): TaskState {
  if (task.kind !== "done" || task.measured === undefined) {
    return task;
  }
  const failed = failedMeasurements(task);
  const passed = Object.entries(task.measured).filter(([check]) => !Object.hasOwn(failed, check));
  return { ...task, measured: Object.fromEntries(passed) };
}

/** Opens a task again whose checks wait to be measured: the person does it over, and says what came out. */
export function reopenTask(
  state: WorkflowState,
  { task: id }: Extract<WorkflowEvent, { kind: "task-reopened" }>,
): WorkflowState | string {
  const phase = state.phases[state.current];
  const task = phase?.tasks[id];
  if (phase?.kind !== "working" || task?.kind !== "done" || !openProofs(phase).some((open) => open.task === id)) {
    return `No check of the task "${id}" waits to be measured, so it is not done over.`;
  }
  const kept = withoutPaths(state, [task.document, ...logsOf(task.measured ?? {})]);
  return withPhase(kept, state.current, (each) => withTask(each, id, { kind: "waiting" }));
}

function logsOf(measured: Readonly<Record<string, Measurement>>): string[] {
  return Object.values(measured).flatMap(({ log }) => (log === undefined ? [] : [log.document]));
}

function withoutPaths(state: WorkflowState, paths: readonly string[]): WorkflowState {
  const kept = Object.entries(state.documents).filter(([document]) => !paths.includes(document));
  return { ...state, documents: Object.fromEntries(kept) };
}
