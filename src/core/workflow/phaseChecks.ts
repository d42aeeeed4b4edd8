import type { Measurement, Proof } from "./proof.ts";
import type { PhaseState, TaskState } from "./workflowState.ts";

/** A check that was said to have passed, with what it rests on and what nobody has looked at yet. */
export type OpenProof = {
  task: string;
  check: string;
  /** Which of the checks of its task it is, from 1. */
  number: number;
  proof: Proof;
};

/** How a check stands: by its measurement where there is one, else by what was said. */
export type CheckStanding = {
  task: string;
  name: string;
  status: "passed" | "failed" | "not-run";
  /** Said by whom. */
  by: string;
  evidence: string;
  measured?: Measurement;
};

type DoneTask = Extract<TaskState, { kind: "done" }>;

export function checksOf(phase: PhaseState): CheckStanding[] {
  return Object.entries(phase.tasks).flatMap(([task, state]) => standingsOf(task, state));
}

function standingsOf(task: string, state: TaskState): CheckStanding[] {
  if (state.kind !== "done" || state.output.kind !== "checks") {
    return [];
  }
  const { by } = state;
  return state.output.checks.map(({ name, status, evidence }) => {
    const seen = measurementOf(state, name);
    return seen === undefined
      ? { task, name, status, by, evidence }
      : { task, name, status: seen.status, by, evidence: seen.evidence, measured: seen };
  });
}

/** A check may be called like something that every object has. */
function measurementOf({ measured = {} }: DoneTask, check: string): Measurement | undefined {
  return Object.hasOwn(measured, check) ? measured[check] : undefined;
}

/** What has to be measured before the checks of a phase count. */
export function openProofs(phase: PhaseState): OpenProof[] {
  return Object.entries(phase.tasks).flatMap(([task, state]) =>
    state.kind === "done" && state.output.kind === "checks"
      ? state.output.checks.flatMap(({ name, status, proof }, index) =>
          status === "passed" && proof !== undefined && measurementOf(state, name) === undefined
            ? [{ task, check: name, number: index + 1, proof }]
            : [],
        )
      : [],
  );
}

/** The checks of this round that did not pass, with what a measurement saw of them. */
export function failedChecks(phase: PhaseState): string[] {
  return checksOf(phase)
    .filter(({ status }) => status !== "passed")
    .map(({ name, measured }) => (measured === undefined ? name : `${name} (${measured.evidence.replace(/\.$/, "")})`));
}

/** Where nothing was checked, nothing has passed. */
export function haveAllPassed(phase: PhaseState): boolean {
  return checksOf(phase).length > 0 && failedChecks(phase).length === 0;
}

/** The checks of a task that a measurement has seen fail, by their names. */
export function failedMeasurements(state: TaskState | undefined): Readonly<Record<string, Measurement>> {
  const measured = state?.kind === "done" ? (state.measured ?? {}) : {};
  return Object.fromEntries(Object.entries(measured).filter(([, { status }]) => status === "failed"));
}
