import type { Capsule } from "./capsule.ts";
import type { Measurement } from "./proof.ts";
import type { TaskOutput } from "./taskOutput.ts";
import { type PhaseDefinition, tasksOf, type WorkflowDefinition } from "./workflowDefinition.ts";

/** Stands for the hash of a document that is gone. */
export const MISSING_DOCUMENT = "missing";

export type TaskState =
  | { kind: "waiting" }
  | { kind: "running"; since: string }
  | { kind: "failed"; reason: string }
  | {
      kind: "done";
      document: string;
      /** Of the document as it was written; a person may have changed it since. */
      hash: string;
      output: TaskOutput;
      by: string;
      /** What Trainyard saw of its checks, by their names. */
      measured?: Readonly<Record<string, Measurement>>;
    };

/** What a person agreed to: the documents by their path, with the hash of the text they agreed to. */
export type Approval = {
  by: string;
  at: string;
  hashes: Readonly<Record<string, string>>;
  choice?: string;
  /** A document was changed after the approval. */
  isWithdrawn: boolean;
};

/** What tests hold, as hashes: the named files, and by their folders all code of the workspace that they can import. */
export type TestContents = { files: Readonly<Record<string, string>>; code: Readonly<Record<string, string>> };

/** `code` is absent where an earlier version let the files run, which looked at nothing around them. */
export type AllowedTests = Omit<TestContents, "code"> & { code?: TestContents["code"] };

export type PhaseState = {
  kind: "pending" | "asking" | "working" | "documenting" | "awaiting-approval" | "done" | "skipped";
  /** Counts from 1; grows with each repetition. */
  round: number;
  /** What the person wants to be different in this round. */
  note?: string;
  /** Checks that failed in the round before. */
  failures: readonly string[];
  tasks: Readonly<Record<string, TaskState>>;
  /** What the person has let run, as it was then. */
  allowedTests?: AllowedTests;
  /** Folders whose code has changed since the person let tests run. */
  changedCode?: readonly string[];
  /** The person ended the tests while they ran. */
  hasEndedTests?: true;
  approval?: Approval;
};

export type CriterionMark = { status: "met" | "unmet" | "in-production"; evidence: string };

export type WorkflowState = {
  id: string;
  definition: WorkflowDefinition;
  task: string;
  startedAt: string;
  changedAt: string;
  /** When the round of the phase at work began. */
  roundSince: string;
  /** When an agent wrote a file of the workspace for the last time. */
  filesWrittenAt?: string;
  isStopped: boolean;
  /** Index of the phase at work; the number of phases once all are done. */
  current: number;
  phases: readonly PhaseState[];
  answers: Readonly<Record<string, string>>;
  configuration: Readonly<Record<string, string>>;
  capsule?: Capsule;
  /** Hash of each document as it was last seen, by its path below the workflow's folder. */
  documents: Readonly<Record<string, string>>;
  /** Files of the workspace that agents have written, with the hash of what they wrote. */
  files: Readonly<Record<string, string>>;
  marks: Readonly<Record<string, CriterionMark>>;
  /** The journal is another machine's, or is not what it was here, and nobody here has confirmed it. */
  isForeign: boolean;
  /** How the journal came to say less than it did; absent where it never did, or where that was confirmed. */
  rewound?: string;
  /** What something else wrote into the journal and why it does not count; absent once the person has gone on. */
  tampering?: string;
  refusals: number;
  /** About how many tokens language models took for all of it, also for what failed. */
  tokens: number;
};

export function phaseAt(state: WorkflowState, index: number): { definition: PhaseDefinition; state: PhaseState } {
  const definition = state.definition.phases[index];
  const phase = state.phases[index];
  if (definition === undefined || phase === undefined) {
    throw new RangeError(`There is no phase ${index + 1} of ${state.phases.length}.`);
  }
  return { definition, state: phase };
}

export function hasFinished(state: WorkflowState): boolean {
  return state.current >= state.phases.length;
}

/** `documents/03-risk-assessment.md`: what a phase leaves for people. */
export function phaseDocument(state: WorkflowState, index: number): string {
  return `documents/${numberOf(index)}-${phaseAt(state, index).definition.id}.md`;
}

/** `outputs/03-risk-assessment/leakage.md`: what one agent of a phase left. */
export function taskDocument(state: WorkflowState, index: number, task: string): string {
  return `outputs/${numberOf(index)}-${phaseAt(state, index).definition.id}/${task}.md`;
}

/** `evidence/11-evaluation-execution`: what programs printed that were run to check what agents said. */
export function evidenceFolder(state: WorkflowState, index: number): string {
  return `evidence/${numberOf(index)}-${phaseAt(state, index).definition.id}`;
}

function numberOf(index: number): string {
  return String(index + 1).padStart(2, "0");
}

/** The phases a gate speaks for. */
function coveredPhases(state: WorkflowState, index: number): number[] {
  const { gate } = phaseAt(state, index).definition;
  const covered = state.definition.phases.flatMap(({ id }, at) => (gate?.covers.includes(id) === true ? [at] : []));
  return covered.length === 0 ? [index] : covered;
}

/** What an approval of this gate would be bound to: every document of the phases that it covers. */
export function coveredDocuments(state: WorkflowState, index: number): Record<string, string> {
  const paths = coveredPhases(state, index).flatMap((at) => [
    phaseDocument(state, at),
    // What agents do after a gate is no part of what was agreed to at it.
    ...phaseAt(state, at)
      .definition.steps.filter(({ afterGate }) => afterGate === undefined)
      .flatMap(({ tasks }) => tasks.map(({ id }) => taskDocument(state, at, id))),
    ...Object.keys(state.documents).filter((document) => document.startsWith(`${evidenceFolder(state, at)}/`)),
  ]);
  return Object.fromEntries(
    paths.flatMap((path) => {
      const hash = state.documents[path];
      return hash === undefined ? [] : [[path, hash]];
    }),
  );
}

/** Gates that were open until somebody changed what they stand for. */
export function withdrawnGates(state: WorkflowState): number[] {
  return state.phases.flatMap(({ approval }, index) => (approval?.isWithdrawn === true ? [index] : []));
}

/** Whether something is still to be done: a phase, or an approval that an edit has withdrawn from a finished workflow. */
export function isUnderWay(state: WorkflowState): boolean {
  return !hasFinished(state) || withdrawnGates(state).length > 0;
}

/** The steps of a phase that run now or ran before, by its round and by whether its gate is open. */
export function activeSteps(definition: PhaseDefinition, phase: PhaseState): PhaseDefinition["steps"] {
  const choice = phase.approval?.choice;
  return definition.steps.filter(({ afterGate, fromRound }) => {
    if (afterGate === undefined) {
      return phase.round >= fromRound;
    }
    const isOpen = phase.approval !== undefined && !phase.approval.isWithdrawn;
    return isOpen && (afterGate.length === 0 || (choice !== undefined && afterGate.includes(choice)));
  });
}

/** The tasks that may run now: those of the first step that is not done. */
export function readyTasks(definition: PhaseDefinition, phase: PhaseState): PhaseDefinition["steps"][number]["tasks"] {
  const step = activeSteps(definition, phase).find(({ tasks }) =>
    tasks.some(({ id }) => phase.tasks[id]?.kind !== "done"),
  );
  return step?.tasks.filter(({ id }) => phase.tasks[id]?.kind !== "done") ?? [];
}

export function newPhase(definition: PhaseDefinition): PhaseState {
  return { kind: "pending", round: 1, failures: [], tasks: waitingTasks(definition) };
}

export function waitingTasks(definition: PhaseDefinition): Record<string, TaskState> {
  return Object.fromEntries(tasksOf(definition).map(({ id }) => [id, { kind: "waiting" }]));
}
