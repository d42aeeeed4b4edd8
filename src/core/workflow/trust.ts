import { forgetAllTests } from "./testPermission.ts";
import type { WorkflowState } from "./workflowState.ts";

/** The journal says less than it did, so nothing it says counts until the person has looked. */
export function rewindTrust(state: WorkflowState, reason: string): WorkflowState {
  return { ...state, isForeign: true, rewound: reason, refusals: state.refusals + 1 };
}

/** The person takes what stands there, except for tests: these are programs, and are asked about anew. */
export function confirmTrust(state: WorkflowState): WorkflowState | string {
  const { rewound: _settled, ...confirmed } = forgetAllTests(state);
  return state.isForeign ? { ...confirmed, isForeign: false } : "There is nothing to confirm.";
}
