import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { plainText } from "../../core/base/markdown.ts";
import { nameDocument, refuseShown } from "../../core/workflow/approvalChanges.ts";
import { describeMissing, missingDocuments } from "../../core/workflow/missingDocuments.ts";
import { describePhase } from "../../core/workflow/phaseNames.ts";
import { describeWait } from "../../core/workflow/renderDocuments.ts";
import { countUnknown } from "../../core/workflow/templateOutput.ts";
import { differingNames, fingerprintOf, testFilesOf } from "../../core/workflow/testPermission.ts";
import { pendingEffects } from "../../core/workflow/workflowEffects.ts";
import {
  coveredDocuments,
  hasFinished,
  phaseAt,
  phaseDocument,
  type WorkflowState,
} from "../../core/workflow/workflowState.ts";
import { readTests } from "../../node/workflow/testFiles.ts";
import { readDocument } from "../../node/workflow/workflowDocuments.ts";
import { displayPath } from "../base/workspace.ts";
import { describeUnknown } from "./gateReply.ts";
import { changedSinceShown, takeTicket } from "./gateTickets.ts";
import type { WorkflowArgument } from "./replyButton.ts";
import { describeChangedCode, WHAT_TESTS_RUN } from "./testReply.ts";
import type { OpenWorkflow, WorkflowDesk } from "./workflowDesk.ts";
import { askChoice, confirm, confirmApproval, required } from "./workflowQuestions.ts";

/** The gate that waits for the person. Refuses where none does. */
function waitingGate(state: WorkflowState): number {
  const [effect] = pendingEffects(state);
  if (effect?.kind !== "ask-approval") {
    const place = hasFinished(state)
      ? "It is done"
      : `${describePhase(state, state.current)}${describeWait(state, state.current)}`;
    throw new UserError(`Nothing in this workflow waits for approval now. ${place}. /status says more.`);
  }
  return effect.phase;
}

/** Approves after a dialog that names the documents: for whoever does not stand before a button below them. */
export async function approveByDialog(desk: WorkflowDesk, shown: OpenWorkflow): Promise<WorkflowState> {
  const workflow = await withSavedDocuments(desk, shown);
  const { state } = workflow;
  const phase = waitingGate(state);
  const missing = missingDocuments(state, phase);
  if (missing.length > 0) {
    const earliest = Math.min(...missing.map((each) => each.phase));
    throw new UserError(describeMissing(missing, ` with /back ${earliest + 1}`));
  }
  const choice = await askChoice(state, phase);
  const text = await readDocument(workflow.store.folderOf(state.id), phaseDocument(state, phase));
  const changed = changedSinceShown(state, phase);
  const names = changed.map(({ document }) => nameDocument(state, document));
  const warnings = [
    ...(changed.length === 0 ? [] : [`⚠ Changed since the gate was shown to you: ${names.join(", ")}.`]),
    describeUnknown(countUnknown(text ?? "")),
  ].filter((line) => line !== "");
  await confirmApproval(state, phase, { choice, warnings });
  const hashes = coveredDocuments(state, phase);
  return desk.apply(workflow, { kind: "approved", phase, hashes, ...(choice === undefined ? {} : { choice }) });
}

/**
 * Lets the tests run that were named above the button, as they were then. A button of another stand, and one that nobody
 * here has shown, asks in a dialog.
 */
export async function allowTestsByButton(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { ticket }: WorkflowArgument,
): Promise<WorkflowState> {
  const [effect] = pendingEffects(workflow.state);
  if (effect?.kind !== "ask-to-run-tests") {
    throw new UserError("No tests of this workflow wait to be run. /status says where it stands.");
  }
  const { phase } = effect;
  const held = await readTests(desk.evidenceOf(workflow.folder), testFilesOf(effect.proofs));
  const shown = takeTicket(ticket, workflow.state.id);
  const changed = shown?.phase === phase ? differingNames(shown.hashes, fingerprintOf(held)) : undefined;
  if (changed === undefined || changed.length > 0) {
    const since =
      changed === undefined
        ? plainText(describeChangedCode(phaseAt(workflow.state, phase).state))
        : `Since they were shown to you, this has changed: ${changed.map((name) => (name === "code in ." ? "code in this folder" : name)).join(", ")}.`;
    const detail = [...Object.keys(held.files), since, WHAT_TESTS_RUN].filter((line) => line !== "").join("\n");
    await confirm("Run these tests?", detail, "Run");
  }
  return desk.apply(workflow, { kind: "tests-allowed", phase, ...held });
}

/** A stop is how a person halts what agents do, so whoever runs the command without the button is asked. */
export async function resumeByButton(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { ticket }: WorkflowArgument,
): Promise<WorkflowState> {
  const { state } = workflow;
  if (takeTicket(ticket, state.id) === undefined) {
    await confirm(`Resume "${plainText(state.task)}"?`, "Agents go on where they were stopped.", "Resume");
  }
  return desk.apply(workflow, { kind: "resumed" });
}

/**
 * Approves what was shown above the button; a button that nobody here has shown asks in a dialog. What has changed since is
 * not approved: the workflow stands where it was, and its gate is shown again.
 */
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
  const saved = await withSavedDocuments(desk, workflow);
  const reason = refuseShown(saved.state, hashes, coveredDocuments(saved.state, phase));
  if (reason !== undefined) {
    await desk.note(saved, { attempt: `approved phase ${phase + 1} by a button`, reason });
    return (await desk.find(saved.state.id)).state;
  }
  return desk.apply(saved, { kind: "approved", phase, hashes, ...(choice === undefined ? {} : { choice }) });
}

/**
 * What was typed into a document and not saved is meant to be approved with it, and would be missing from what is. Gives the
 * workflow as it is afterwards.
 */
async function withSavedDocuments(desk: WorkflowDesk, { store, state }: OpenWorkflow): Promise<OpenWorkflow> {
  const folder = store.folderOf(state.id);
  const paths = new Set(Object.keys(state.documents).map((document) => path.join(folder, document)));
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty && paths.has(document.uri.fsPath) && !(await document.save())) {
      throw new UserError(
        `${displayPath(document.uri.fsPath)} could not be saved, and what is typed in it would not be approved. Save it or undo it, then approve.`,
      );
    }
  }
  return desk.find(state.id);
}

/** Goes back to the phase of the button; a button that nobody here has shown asks for the phase. */
export async function goBackByButton(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  { ticket }: WorkflowArgument,
): Promise<WorkflowState> {
  const { state } = workflow;
  const phase = takeTicket(ticket, state.id)?.phase ?? (await askPhase(state));
  return desk.apply(workflow, { kind: "went-back", phase });
}

async function askPhase(state: WorkflowState): Promise<number> {
  const rows = state.definition.phases
    .map(({ title }, phase) => ({ label: `${phase + 1}. ${title}`, phase }))
    .slice(0, Math.min(state.current + 1, state.phases.length))
    .toReversed();
  const { phase } = await required(
    vscode.window.showQuickPick(rows, { title: "Back to which phase? It and all later ones are done again." }),
  );
  return phase;
}
