import { repeatedChecks } from "./taskOutput.ts";
import { type Transition, transition } from "./transition.ts";
import { pendingEffects } from "./workflowEffects.ts";
import type { StampedEvent, WorkflowEvent } from "./workflowEvent.ts";
import type { WorkflowState } from "./workflowState.ts";

/**
 * A transition by an event that stands in no journal yet. Rules that came after the first journals stand here and not in
 * `transition`: there they would cut a journal that was whole when it was written.
 */
export function applyNewEvent(state: WorkflowState, stamped: StampedEvent): Transition {
  const outcome = transition(state, stamped);
  const refusal = outcome.refusal ?? refuseNew(stamped.event);
  return refusal === undefined ? outcome : { state, effects: pendingEffects(state), refusal };
}

function refuseNew(event: WorkflowEvent): string | undefined {
  if (event.kind === "tests-allowed" && (event.files === undefined || event.code === undefined)) {
    return "Tests are let run by their names. Press the button below those that are shown.";
  }
  const repeated = event.kind === "task-finished" ? repeatedChecks(event.output) : [];
  return event.kind === "task-finished" && repeated.length > 0
    ? `The output of "${event.task}" does not have the form that is asked for: ${repeated.join("; ")}.`
    : undefined;
}
