import { forgetAllTests } from "./testPermission.ts";
import type { StampedEvent } from "./workflowEvent.ts";
import type { WorkflowState } from "./workflowState.ts";

/** The journal says less than it did, so nothing it says counts until the person has looked. */
export function rewindTrust(state: WorkflowState, reason: string): WorkflowState {
  return { ...state, isForeign: true, rewound: reason, refusals: state.refusals + 1 };
}

/** What is noted where something else has written into a journal. */
export const TAMPERING = "a change of the journal outside of Trainyard";

/** Keeps what was done to the journal until the person has gone on, so that it is told wherever they do. */
export function withTampering(state: WorkflowState, { event, by }: StampedEvent): WorkflowState {
  if (event.kind === "refused") {
    return by.kind === "engine" && event.attempt === TAMPERING ? { ...state, tampering: event.reason } : state;
  }
  const { tampering: _told, ...rest } = state;
  return by.kind === "person" ? rest : state;
}

/** What was done to the journal, as a sentence for the person; empty where nothing was. */
export function describeTampering({ tampering }: Pick<WorkflowState, "tampering">): string {
  return tampering === undefined
    ? ""
    : `Something other than Trainyard wrote into the journal of this workflow. ${tampering} It is kept in journal.rejected.jsonl, and nothing was lost.`;
}

/** The person takes what stands there, except for tests: these are programs, and are asked about anew. */
export function confirmTrust(state: WorkflowState): WorkflowState | string {
  const { rewound: _settled, ...confirmed } = forgetAllTests(state);
  return state.isForeign ? { ...confirmed, isForeign: false } : "There is nothing to confirm.";
}
