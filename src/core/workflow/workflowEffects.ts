import { type OpenProof, openProofs } from "./phaseChecks.ts";
import { testsToAllow } from "./testPermission.ts";
import type { TaskDefinition } from "./workflowDefinition.ts";
import {
  hasFinished,
  type PhaseState,
  phaseAt,
  readyTasks,
  type WorkflowState,
  withdrawnGates,
} from "./workflowState.ts";

/** What the host has to do next. They follow from the state alone, so that a crash loses nothing. */
export type Effect =
  | { kind: "ask-questions"; phase: number }
  | { kind: "run-tasks"; phase: number; tasks: readonly TaskDefinition[] }
  /** Tasks failed and nothing else runs: the person retries, or writes the document. */
  | { kind: "ask-about-failures"; phase: number; tasks: readonly TaskDefinition[] }
  /** Look for yourself at what these checks were said to rest on. */
  | { kind: "measure"; phase: number; proofs: readonly OpenProof[] }
  /** They rest on tests, which are programs: the person lets them run. */
  | { kind: "ask-to-run-tests"; phase: number; proofs: readonly OpenProof[] }
  | { kind: "write-document"; phase: number }
  | { kind: "ask-approval"; phase: number; isAgain: boolean }
  | { kind: "ask-confirmation" };

export function pendingEffects(state: WorkflowState): readonly Effect[] {
  if (state.isStopped) {
    return [];
  }
  if (state.isForeign) {
    return [{ kind: "ask-confirmation" }];
  }
  const [withdrawn] = withdrawnGates(state);
  if (withdrawn !== undefined) {
    return [{ kind: "ask-approval", phase: withdrawn, isAgain: true }];
  }
  return hasFinished(state) ? [] : effectsOfPhase(state, state.current);
}

/** Tests go first: what they run may be what leaves the metrics. */
function measuringEffects(phase: number, state: PhaseState): readonly Effect[] {
  const open = openProofs(state);
  const tests = open.filter(({ proof }) => proof.kind === "tests");
  const proofs = [...tests, ...open.filter(({ proof }) => proof.kind !== "tests")];
  const asked = testsToAllow(state);
  return asked.length > 0 ? [{ kind: "ask-to-run-tests", phase, proofs: asked }] : [{ kind: "measure", phase, proofs }];
}

function effectsOfPhase(state: WorkflowState, phase: number): readonly Effect[] {
  const { definition, state: current } = phaseAt(state, phase);
  switch (current.kind) {
    case "asking":
      return [{ kind: "ask-questions", phase }];
    case "working": {
      const ready = readyTasks(definition, current);
      if (ready.length === 0) {
        return measuringEffects(phase, current);
      }
      const runnable = ready.filter(({ id }) => current.tasks[id]?.kind !== "failed");
      return runnable.length > 0
        ? [{ kind: "run-tasks", phase, tasks: runnable }]
        : [{ kind: "ask-about-failures", phase, tasks: ready }];
    }
    case "documenting":
      return [{ kind: "write-document", phase }];
    case "awaiting-approval":
      return [{ kind: "ask-approval", phase, isAgain: false }];
    case "pending":
    case "done":
    case "skipped":
      break;
  }
  return [];
}
