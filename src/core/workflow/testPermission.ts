import { type OpenProof, openProofs } from "./phaseChecks.ts";
import { withPhase } from "./phaseProgress.ts";
import type { PhaseState, WorkflowState } from "./workflowState.ts";

/*
 * Tests are programs. Which of them may run is the person's to say, file by file and for what these files hold: whoever
 * writes them could otherwise have anything run under an agreement that was given to something else.
 */

/** The open proofs of a phase that name a test file which the person has not let run. */
export function testsToAllow(phase: PhaseState): OpenProof[] {
  return openProofs(phase).filter(
    ({ proof }) => proof.kind === "tests" && proof.files.some((file) => !isAllowed(phase, file)),
  );
}

function isAllowed({ allowedTests = {} }: PhaseState, file: string): boolean {
  return Object.hasOwn(allowedTests, file);
}

/** The files that proofs rest on, each once and in the order of their names. */
export function testFilesOf(proofs: readonly OpenProof[]): string[] {
  return [...new Set(proofs.flatMap(({ proof }) => (proof.kind === "tests" ? proof.files : [])))].toSorted();
}

/** Lets test files run, also in later rounds of the phase, as long as they hold what they held. */
export function allowTests(
  state: WorkflowState,
  index: number,
  files: Readonly<Record<string, string>>,
): WorkflowState | string {
  const phase = state.phases[index];
  if (index !== state.current || phase?.kind !== "working" || openProofs(phase).length === 0) {
    return "No check waits for its tests to be run now.";
  }
  return withPhase(state, index, (each) => ({ ...each, allowedTests: { ...each.allowedTests, ...files } }));
}

/** Takes back what was said of files that have changed since. */
export function forgetTests(state: WorkflowState, files: readonly string[]): WorkflowState | string {
  const phase = state.phases[state.current];
  if (phase === undefined || !files.some((file) => isAllowed(phase, file))) {
    return "None of these files may be run, so there is nothing to take back.";
  }
  return withPhase(state, state.current, (each) => ({
    ...each,
    allowedTests: Object.fromEntries(Object.entries(each.allowedTests ?? {}).filter(([file]) => !files.includes(file))),
  }));
}

/** What may run on one machine says nothing of another. */
export function forgetAllTests(state: WorkflowState): WorkflowState {
  return { ...state, phases: state.phases.map(({ allowedTests: _gone, ...phase }) => phase) };
}
