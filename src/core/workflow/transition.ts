import { describeWithdrawn, refuseShown } from "./approvalChanges.ts";
import { checkAnswers, checkChoice } from "./checkAnswers.ts";
import { goBack } from "./goingBack.ts";
import { taskAfter } from "./missingTask.ts";
import { failedChecks, haveAllPassed } from "./phaseChecks.ts";
import { describePhase, describeSkippable } from "./phaseNames.ts";
import { advance, isAnotherRound, openPhase, settle, withoutDocuments, withPhase, withTask } from "./phaseProgress.ts";
import { applyMeasurement, reopenProofs, reopenTask } from "./proofEvents.ts";
import { checkOutput } from "./taskOutput.ts";
import { allowTests, endTests, forgetTests } from "./testPermission.ts";
import { confirmTrust, rewindTrust, withTampering } from "./trust.ts";
import { refuseOtherTurn } from "./turn.ts";
import { type TaskDefinition, tasksOf } from "./workflowDefinition.ts";
import { type Effect, pendingEffects } from "./workflowEffects.ts";
import type { Actor, StampedEvent, WorkflowEvent } from "./workflowEvent.ts";
import {
  coveredDocuments,
  hasFinished,
  newPhase,
  type PhaseState,
  phaseAt,
  phaseDocument,
  readyTasks,
  taskDocument,
  type WorkflowState,
  withdrawnGates,
} from "./workflowState.ts";

/** `refusal` says why nothing changed, as a sentence; `state` is then the one that was given. */
export type Transition<State = WorkflowState> = { state: State; effects: readonly Effect[]; refusal?: string };

/** A new state, or the reason why there is none. */
type Outcome = WorkflowState | string;

type EventOf<Kind extends WorkflowEvent["kind"]> = Extract<WorkflowEvent, { kind: Kind }>;

/** These are the person's to say; no agent and no engine can say them. */
const PERSONS_EVENTS: readonly WorkflowEvent["kind"][] = [
  "started",
  "answered",
  "approved",
  "revised",
  "skipped",
  "went-back",
  "task-retried",
  "task-reopened",
  "proofs-reopened",
  "tests-allowed",
  "criterion-marked",
  "stopped",
  "resumed",
  "confirmed",
];

/** What Trainyard does and sees itself; nobody else can say that it was done. */
const ENGINES_EVENTS: readonly WorkflowEvent["kind"][] = [
  "proof-measured",
  "tests-changed",
  "tests-ended",
  "document-written",
  "document-edited",
  "rewound",
];

/** Work goes on only where nothing waits for the person; these are how the person ends the wait. */
const ALWAYS_ALLOWED: readonly WorkflowEvent["kind"][] = [
  "tests-ended",
  "resumed",
  "refused",
  "document-edited",
  "rewound",
  "confirmed",
  "went-back",
  "stopped",
];

/**
 * The one place where a workflow changes. An event that is not in order, or not that actor's to say, leaves the state as it
 * is and says why; it never throws.
 */
export function transition(state: WorkflowState, stamped: StampedEvent): Transition {
  const refusal = refuseByRule(state, stamped);
  const outcome = refusal ?? applyEvent(state, stamped);
  if (typeof outcome === "string") {
    return { state, effects: pendingEffects(state), refusal: outcome };
  }
  const spent = "tokens" in stamped.event ? (stamped.event.tokens ?? 0) : 0;
  const roundSince = isAnotherRound(state, outcome) ? stamped.at : outcome.roundSince;
  const next = {
    ...withTampering(outcome, stamped),
    changedAt: stamped.at,
    roundSince,
    tokens: outcome.tokens + spent,
  };
  return { state: next, effects: pendingEffects(next) };
}

/** The first state of a workflow. Refuses any other event than `started`. */
export function beginWorkflow({ event, by, at }: StampedEvent): Transition<WorkflowState | undefined> {
  if (event.kind !== "started" || by.kind !== "person") {
    return { state: undefined, effects: [], refusal: "A workflow begins when a person starts it." };
  }
  const { id, definition, task, capsule } = event;
  const state = openPhase(
    {
      id,
      definition,
      task,
      startedAt: at,
      changedAt: at,
      roundSince: at,
      isStopped: false,
      current: 0,
      phases: definition.phases.map(newPhase),
      answers: {},
      configuration: {},
      ...(capsule === undefined ? {} : { capsule }),
      documents: {},
      files: {},
      marks: {},
      isForeign: false,
      refusals: 0,
      tokens: 0,
    },
    0,
  );
  return { state, effects: pendingEffects(state) };
}

function refuseByRule(state: WorkflowState, { event, by }: StampedEvent): string | undefined {
  if (PERSONS_EVENTS.includes(event.kind) && by.kind !== "person") {
    return `Only the person can do this ("${event.kind}"), with a button or a command; ${by.name} cannot.`;
  }
  if (ENGINES_EVENTS.includes(event.kind) && by.kind !== "engine") {
    return `Only Trainyard itself can say this ("${event.kind}"), when it has done it; ${by.name} cannot.`;
  }
  if (ALWAYS_ALLOWED.includes(event.kind)) {
    return undefined;
  }
  if (state.isStopped) {
    return "The workflow is stopped. Resume it first.";
  }
  if (state.isForeign) {
    return `${state.rewound ?? "Approvals in this workflow were given on another machine."} Look at them and confirm them first.`;
  }
  const [withdrawn] = withdrawnGates(state);
  if (withdrawn !== undefined && event.kind !== "approved") {
    return `${describeWithdrawn(state, withdrawn)} Approve it again first.`;
  }
  return "turn" in event && event.turn !== undefined ? refuseOtherTurn(state, event.turn) : undefined;
}

function applyEvent(state: WorkflowState, { event, by, at }: StampedEvent): Outcome {
  switch (event.kind) {
    case "started":
      return "This workflow has already been started.";
    case "answered":
      return applyAnswers(state, event);
    case "task-started":
      return whileWorking(state, event.task, (phase) => withTask(phase, event.task, { kind: "running", since: at }));
    case "task-finished":
      return applyTaskFinished(state, event, by);
    case "task-failed":
      return whileWorking(state, event.task, (phase) =>
        withTask(phase, event.task, { kind: "failed", reason: event.reason }),
      );
    case "task-retried":
      return whileWorking(state, event.task, (phase) => withTask(phase, event.task, { kind: "waiting" }));
    case "proof-measured":
      return applyMeasurement(state, event);
    case "proofs-reopened":
      return reopenProofs(state, event);
    case "task-reopened":
      return reopenTask(state, event);
    case "tests-allowed":
      return allowTests(state, event);
    case "tests-changed":
      return forgetTests(state, event);
    case "tests-ended":
      return endTests(state, event);
    case "document-written":
      return applyDocumentWritten(state, event);
    case "document-edited":
      return applyDocumentEdited(state, event);
    case "approved":
      return applyApproval(state, event, { by: by.name, at });
    case "revised":
      return applyRevision(state, event.note);
    case "skipped":
      return applySkip(state);
    case "went-back":
      return goBack(state, event.phase);
    case "file-written":
      return refuseWrite(state, event.agent) ?? withFile(state, event, at);
    case "criterion-marked":
      return state.definition.criteria.some(({ id }) => id === event.criterion)
        ? { ...state, marks: { ...state.marks, [event.criterion]: event.mark } }
        : `There is no criterion "${event.criterion}" in this workflow.`;
    case "stopped":
      return applyStop(state);
    case "resumed":
      return state.isStopped ? { ...state, isStopped: false } : "The workflow is not stopped.";
    case "rewound":
      return rewindTrust(state, event.reason);
    case "confirmed":
      return confirmTrust(state);
    case "refused":
      break;
  }
  return { ...state, refusals: state.refusals + 1 };
}

/**
 * Why an agent may not write a file now; undefined when it may. Writing needs a phase that allows it to this agent, a task
 * of this agent that is running, something that the person has approved, and that nothing waits for the person.
 */
export function refuseWrite(state: WorkflowState, agent: string): string | undefined {
  if (hasFinished(state)) {
    return "The workflow is finished; its agents write nothing any more.";
  }
  if (state.isStopped || state.isForeign || withdrawnGates(state).length > 0) {
    return "The workflow waits for the person, so nothing is written.";
  }
  const { definition, state: phase } = phaseAt(state, state.current);
  const where = describePhase(state, state.current);
  if (definition.writers.length === 0) {
    return `${where} is for reading and thinking: no agent writes files in it.`;
  }
  if (!definition.writers.includes(agent)) {
    return `${agent} may not write files in ${where}. Those who may: ${definition.writers.join(", ")}.`;
  }
  // A workflow keeps the definition it began with, also one that a check of its file lets nobody begin any more.
  if (state.phases.slice(0, state.current + 1).every(({ approval }) => approval === undefined)) {
    return `Nobody has approved anything in this workflow yet, so no agent writes in ${where}. A phase before it needs a gate that cannot be skipped.`;
  }
  const isAtWork = tasksOf(definition).some((task) => task.agent === agent && phase.tasks[task.id]?.kind === "running");
  return phase.kind === "working" && isAtWork ? undefined : `${agent} has no task at work in ${where}.`;
}

function withFile(state: WorkflowState, { path, hash }: EventOf<"file-written">, at: string): WorkflowState {
  return { ...state, filesWrittenAt: at, files: { ...state.files, [path]: hash } };
}

function applyAnswers(state: WorkflowState, event: EventOf<"answered">): Outcome {
  if (hasFinished(state) || phaseAt(state, state.current).state.kind !== "asking") {
    return "Nothing is asked at the moment. Use /revise to answer the questions of this phase anew.";
  }
  const problem = checkAnswers(state, event);
  if (problem !== undefined) {
    return problem;
  }
  const answered = {
    ...state,
    task: taskAfter(state, event.answers),
    answers: { ...state.answers, ...event.answers },
    configuration: { ...state.configuration, ...event.configuration },
  };
  return settle(withPhase(answered, state.current, (phase) => ({ ...phase, kind: "working" })));
}

/** Changes a task of the phase at work that is due now. */
function whileWorking(state: WorkflowState, task: string, change: (phase: PhaseState) => PhaseState): Outcome {
  if (hasFinished(state)) {
    return "The workflow is finished.";
  }
  const { definition, state: phase } = phaseAt(state, state.current);
  const where = describePhase(state, state.current);
  if (!tasksOf(definition).some(({ id }) => id === task)) {
    return `${where} has no task "${task}".`;
  }
  if (phase.kind !== "working") {
    return `${where} is ${phase.kind}, so the task "${task}" is not at work.`;
  }
  if (!readyTasks(definition, phase).some(({ id }) => id === task)) {
    return `The task "${task}" is not due now.`;
  }
  return withPhase(state, state.current, change);
}

function applyTaskFinished(state: WorkflowState, event: EventOf<"task-finished">, by: Actor): Outcome {
  const { task: id, hash, output } = event;
  if (!hasFinished(state)) {
    const task = tasksOf(phaseAt(state, state.current).definition).find((each) => each.id === id);
    const { problems } = task === undefined ? { problems: [] } : checkOutput(wantedOf(task, by), output);
    if (problems.length > 0) {
      return `The output of "${id}" does not have the form that is asked for: ${problems.map(({ says }) => says).join("; ")}.`;
    }
  }
  const document = hasFinished(state) ? "" : taskDocument(state, state.current, id);
  const changed = whileWorking(state, id, (phase) =>
    withTask(phase, id, { kind: "done", document, hash, output, by: by.name }),
  );
  return typeof changed === "string"
    ? changed
    : settle({ ...changed, documents: { ...changed.documents, [document]: hash } });
}

/** What a person says of a check counts as theirs, also without a proof; they could accept its failure as well. */
function wantedOf({ output: { kind, sections, proofs } }: TaskDefinition, by: Actor) {
  return { kind, sections, ...(proofs === undefined || by.kind === "person" ? {} : { proofs }) };
}

function applyDocumentWritten(state: WorkflowState, { phase: index, hash }: EventOf<"document-written">): Outcome {
  if (index !== state.current || hasFinished(state) || phaseAt(state, index).state.kind !== "documenting") {
    return "No document is due now.";
  }
  const { definition, state: phase } = phaseAt(state, index);
  const written = { ...state, documents: { ...state.documents, [phaseDocument(state, index)]: hash } };
  const isOpen = definition.gate === undefined || (definition.gate.opensWhenChecksPass && haveAllPassed(phase));
  return isOpen ? advance(written) : withPhase(written, index, (each) => ({ ...each, kind: "awaiting-approval" }));
}

function applyDocumentEdited(state: WorkflowState, { document, hash }: EventOf<"document-edited">): Outcome {
  const known = state.documents[document];
  if (known === undefined) {
    return `${document} is no document of this workflow.`;
  }
  if (known === hash) {
    return `${document} has not changed.`;
  }
  return {
    ...state,
    documents: { ...state.documents, [document]: hash },
    phases: state.phases.map((phase) =>
      phase.approval?.hashes[document] === undefined
        ? phase
        : { ...phase, approval: { ...phase.approval, isWithdrawn: true } },
    ),
  };
}

function applyApproval(
  state: WorkflowState,
  { phase: index, hashes, choice }: EventOf<"approved">,
  given: { by: string; at: string },
): Outcome {
  const phase = state.phases[index];
  const isWithdrawn = phase?.approval?.isWithdrawn === true;
  const isAwaited = index === state.current && phase?.kind === "awaiting-approval";
  if (phase === undefined || !(isAwaited || isWithdrawn)) {
    return `Nothing waits for approval in ${describePhase(state, index)}.`;
  }
  const [firstWithdrawn] = withdrawnGates(state);
  if (firstWithdrawn !== undefined && firstWithdrawn !== index) {
    return `${describePhase(state, firstWithdrawn)} has to be approved again first.`;
  }
  const changed = refuseShown(state, hashes, coveredDocuments(state, index));
  if (changed !== undefined) {
    return changed;
  }
  // An approval that is given again keeps what was chosen, which later phases rest on.
  const chosen = choice ?? phase.approval?.choice;
  const problem = checkChoice(phaseAt(state, index), chosen);
  if (problem !== undefined) {
    return problem;
  }
  const approval = { ...given, hashes, isWithdrawn: false, ...(chosen === undefined ? {} : { choice: chosen }) };
  const approved = withPhase(state, index, (each) => ({ ...each, approval }));
  return isAwaited ? settle(withPhase(approved, index, (each) => ({ ...each, kind: "working" }))) : approved;
}

function applyRevision(state: WorkflowState, note: string): Outcome {
  if (hasFinished(state)) {
    return "The workflow is finished. Use /back to return to a phase.";
  }
  const { definition, state: phase } = phaseAt(state, state.current);
  if (phase.kind !== "awaiting-approval") {
    return `${describePhase(state, state.current)} is not waiting for approval, so there is nothing to revise yet.`;
  }
  return openPhase(
    withPhase(withoutDocuments(state, state.current), state.current, () => ({
      ...newPhase(definition),
      round: phase.round + 1,
      failures: failedChecks(phase),
      ...(note.trim() === "" ? {} : { note: note.trim() }),
    })),
    state.current,
    { asksAgain: note.trim() === "" },
  );
}

function applySkip(state: WorkflowState): Outcome {
  if (hasFinished(state)) {
    return "The workflow is finished.";
  }
  const { definition } = phaseAt(state, state.current);
  if (!definition.canSkip) {
    return `${describePhase(state, state.current)} cannot be skipped: later phases rest on it. ${describeSkippable(state)}`;
  }
  return advance(state, "skipped");
}

function applyStop(state: WorkflowState): Outcome {
  if (hasFinished(state)) {
    return "The workflow is finished already.";
  }
  return state.isStopped ? "The workflow is stopped already." : { ...state, isStopped: true };
}
