import { failedChecks, openProofs } from "./phaseChecks.ts";
import { tasksOf } from "./workflowDefinition.ts";
import {
  activeSteps,
  evidenceFolder,
  type PhaseState,
  phaseAt,
  phaseDocument,
  taskDocument,
  type WorkflowState,
  waitingTasks,
} from "./workflowState.ts";

/* How phases follow one another. Only `transition` decides that they do. */

/** Makes a phase the one at work. A capsule has answered the first phase already. */
export function openPhase(state: WorkflowState, index: number, { asksAgain = true } = {}): WorkflowState {
  const { definition } = phaseAt(state, index);
  const hasQuestions = definition.questions.length > 0 || definition.asksConfiguration;
  const isAnswered = index === 0 && state.capsule !== undefined && !definition.asksConfiguration;
  const kind = hasQuestions && asksAgain && !isAnswered ? "asking" : "working";
  return settle(withPhase({ ...state, current: index }, index, (phase) => ({ ...phase, kind })));
}

/** Ends the phase at work and opens the next one. */
export function advance(state: WorkflowState, kind: "done" | "skipped" = "done"): WorkflowState {
  const ended = withPhase(state, state.current, (phase) => ({ ...phase, kind }));
  const next = state.current + 1;
  return next < state.phases.length ? openPhase(ended, next) : { ...ended, current: next };
}

/** Moves a phase on when all its tasks are done: another round, its document, or the next phase. */
export function settle(state: WorkflowState): WorkflowState {
  const { definition, state: phase } = phaseAt(state, state.current);
  const isDone = activeSteps(definition, phase).every(({ tasks }) =>
    tasks.every(({ id }) => phase.tasks[id]?.kind === "done"),
  );
  if (phase.kind !== "working" || !isDone || openProofs(phase).length > 0) {
    return state;
  }
  if (phase.approval !== undefined) {
    return advance(state);
  }
  const failures = failedChecks(phase);
  if (failures.length > 0 && phase.round < definition.maxRounds) {
    const round = {
      kind: "working",
      round: phase.round + 1,
      failures,
      tasks: waitingTasks(definition),
      ...(phase.allowedTests === undefined ? {} : { allowedTests: phase.allowedTests }),
      ...(phase.changedCode === undefined ? {} : { changedCode: phase.changedCode }),
    } as const;
    return withPhase(withoutDocuments(state, state.current), state.current, () => round);
  }
  return withPhase(state, state.current, (each) => ({ ...each, kind: "documenting" }));
}

/** Forgets the documents of a phase and of all after it, which will be written anew. */
export function withoutDocuments(state: WorkflowState, from: number): WorkflowState {
  const later = state.phases.flatMap((_phase, index) => (index < from ? [] : [index]));
  const gone = later.flatMap((index) => [
    phaseDocument(state, index),
    ...tasksOf(phaseAt(state, index).definition).map(({ id }) => taskDocument(state, index, id)),
  ]);
  const folders = later.map((index) => `${evidenceFolder(state, index)}/`);
  const kept = Object.entries(state.documents).filter(
    ([document]) => !gone.includes(document) && !folders.some((folder) => document.startsWith(folder)),
  );
  return { ...state, documents: Object.fromEntries(kept) };
}

/** Whether another round is at work after an event than before it: of the same phase, or of another. */
export function isAnotherRound(before: WorkflowState, after: WorkflowState): boolean {
  return (
    before.current !== after.current || before.phases[before.current]?.round !== after.phases[after.current]?.round
  );
}

/** The state with one of its phases changed. */
export function withPhase(
  state: WorkflowState,
  index: number,
  change: (phase: PhaseState) => PhaseState,
): WorkflowState {
  return { ...state, phases: state.phases.map((phase, at) => (at === index ? change(phase) : phase)) };
}

/** The phase with one of its tasks in another state. */
export function withTask(phase: PhaseState, id: string, task: PhaseState["tasks"][string]): PhaseState {
  return { ...phase, tasks: { ...phase.tasks, [id]: task } };
}
