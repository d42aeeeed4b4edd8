import { type OpenProof, openProofs } from "./phaseChecks.ts";
import { withPhase } from "./phaseProgress.ts";
import type { WorkflowEvent } from "./workflowEvent.ts";
import type { PhaseState, TestContents, WorkflowState } from "./workflowState.ts";

type EventOf<Kind extends WorkflowEvent["kind"]> = Extract<WorkflowEvent, { kind: Kind }>;

/*
 * Tests are programs. Which of them may run is the person's to say, file by file, for what these files hold and for the code
 * around them that they can import: whoever writes either could otherwise have anything run under an agreement that was given
 * to something else.
 */

/** The open proofs of a phase that name a test file which the person has not let run with the code as it is. */
export function testsToAllow(phase: PhaseState): OpenProof[] {
  return openProofs(phase).filter(
    ({ proof }) =>
      proof.kind === "tests" &&
      (phase.allowedTests?.code === undefined || proof.files.some((file) => !isAllowed(phase, file))),
  );
}

function isAllowed({ allowedTests }: PhaseState, file: string): boolean {
  return allowedTests !== undefined && Object.hasOwn(allowedTests.files, file);
}

/** The files that proofs rest on, each once and in the order of their names. */
export function testFilesOf(proofs: readonly OpenProof[]): string[] {
  return [...new Set(proofs.flatMap(({ proof }) => (proof.kind === "tests" ? proof.files : [])))].toSorted();
}

/** One record for both, to compare what was shown with what is there. */
export function fingerprintOf({ files, code }: TestContents): Record<string, string> {
  return { ...files, ...Object.fromEntries(Object.entries(code).map(([folder, hash]) => [`code in ${folder}`, hash])) };
}

/** The names under which two records differ. */
export function differingNames(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => before[name] !== now[name]).toSorted();
}

/** Lets test files run, also in later rounds of the phase, as long as they and the code around them hold what they held. */
export function allowTests(
  state: WorkflowState,
  { phase: index, files = {}, code }: EventOf<"tests-allowed">,
): WorkflowState | string {
  const phase = state.phases[index];
  if (index !== state.current || phase?.kind !== "working" || openProofs(phase).length === 0) {
    return "No check waits for its tests to be run now.";
  }
  const { allowedTests: earlier, changedCode: _seen, ...rest } = phase;
  // What was let run with other code was not let run with this one.
  const isSameCode = differingNames(earlier?.code ?? {}, code ?? {}).length === 0;
  const kept = isSameCode ? earlier?.files : {};
  const allowedTests = { files: { ...kept, ...files }, ...(code === undefined ? {} : { code }) };
  return withPhase(state, index, () => ({ ...rest, allowedTests }));
}

/** Takes back what was said of files that have changed since; of all of them where the code around them has. */
export function forgetTests(
  state: WorkflowState,
  { files, code = [] }: EventOf<"tests-changed">,
): WorkflowState | string {
  const phase = state.phases[state.current];
  const { allowedTests } = phase ?? {};
  if (
    phase === undefined ||
    allowedTests === undefined ||
    (code.length === 0 && !files.some((file) => isAllowed(phase, file)))
  ) {
    return "None of these files may be run, so there is nothing to take back.";
  }
  const kept = Object.entries(allowedTests.files).filter(([file]) => code.length === 0 && !files.includes(file));
  return withPhase(state, state.current, (each) => ({
    ...each,
    allowedTests: { ...allowedTests, files: Object.fromEntries(kept) },
    ...(code.length === 0 ? {} : { changedCode: code }),
  }));
}

/** What may run on one machine says nothing of another. */
export function forgetAllTests(state: WorkflowState): WorkflowState {
  return { ...state, phases: state.phases.map(({ allowedTests: _gone, ...phase }) => phase) };
}
