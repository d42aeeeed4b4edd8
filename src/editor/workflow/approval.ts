import { UserError } from "../../core/base/errors.ts";
import { describeProof } from "../../core/workflow/proof.ts";
import { pendingEffects } from "../../core/workflow/workflowEffects.ts";
import { coveredDocuments, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { takeTicket } from "./gateTickets.ts";
import type { OpenWorkflow, WorkflowDesk } from "./workflowDesk.ts";
import { askChoice, confirm, confirmApproval } from "./workflowQuestions.ts";
import type { WorkflowArgument } from "./workflowReply.ts";

/** The gate that waits for the person. Refuses where none does. */
function waitingGate(state: WorkflowState): number {
  const [effect] = pendingEffects(state);
  if (effect?.kind !== "ask-approval") {
    throw new UserError("Nothing in this workflow waits for approval now. /status says where it stands.");
  }
  return effect.phase;
}

/** Approves after a dialog that names the documents: for whoever does not stand before a button below them. */
export async function approveByDialog(desk: WorkflowDesk, workflow: OpenWorkflow): Promise<WorkflowState> {
  const { state } = workflow;
  const phase = waitingGate(state);
  const choice = await askChoice(state, phase);
  await confirmApproval(state, phase);
  const hashes = coveredDocuments(state, phase);
  return desk.apply(workflow, { kind: "approved", phase, hashes, ...(choice === undefined ? {} : { choice }) });
}

/** Lets the tests run that were named above the button, or in a dialog where it was not this window's button. */
export async function allowTestsByButton(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { ticket }: WorkflowArgument,
): Promise<WorkflowState> {
  const [effect] = pendingEffects(workflow.state);
  if (effect?.kind !== "ask-to-run-tests") {
    throw new UserError("No tests of this workflow wait to be run. /status says where it stands.");
  }
  if (takeTicket(ticket, workflow.state.id) === undefined) {
    const files = [...new Set(effect.proofs.map(({ proof }) => describeProof(proof)))];
    await confirm("Run these tests?", [...files, "Running them executes their code."].join("\n"), "Run");
  }
  return desk.apply(workflow, { kind: "tests-allowed", phase: effect.phase });
}

/** Approves what was shown above the button; a button that nobody here has shown asks in a dialog. */
export async function approveByButton(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { ticket, choice }: WorkflowArgument,
): Promise<WorkflowState> {
  const shown = takeTicket(ticket, workflow.state.id);
  if (shown === undefined) {
    return approveByDialog(desk, workflow);
  }
  const { phase, hashes } = shown;
  return desk.apply(workflow, { kind: "approved", phase, hashes, ...(choice === undefined ? {} : { choice }) });
}
