import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { nameDocument } from "../../core/workflow/approvalChanges.ts";
import { coveredDocuments, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { displayPath } from "../base/workspace.ts";
import type { WorkflowArgument } from "./replyButton.ts";
import type { OpenWorkflow } from "./workflowDesk.ts";
import { required } from "./workflowQuestions.ts";

/** Opens the document that is named, one of those of a phase, or the newest. */
export async function openDocument(
  { store, state }: OpenWorkflow,
  { document, phase }: WorkflowArgument,
): Promise<void> {
  const known = [
    ...Object.keys(state.documents),
    "journal.jsonl",
    ...state.definition.deliverables.map(({ id }) => `deliverables/${id}.md`),
  ];
  const newest = Object.keys(state.documents).findLast((each) => each.startsWith("documents/"));
  const wanted = document ?? (phase === undefined ? newest : await pickDocument(state, phase));
  if (wanted === undefined || !known.includes(wanted)) {
    throw new UserError(`${document ?? "A document"} is not there yet. It is written at the end of its phase.`);
  }
  await vscode.window.showTextDocument(vscode.Uri.file(path.join(store.folderOf(state.id), wanted)));
}

/** One of exactly those that an approval is for. */
async function pickDocument(state: WorkflowState, phase: number): Promise<string> {
  const rows = Object.keys(coveredDocuments(state, phase)).map((document) => ({
    label: nameDocument(state, document),
    document,
  }));
  return (await required(vscode.window.showQuickPick(rows, { title: "Open which document?" }))).document;
}

/** Writes the dossier as Markdown and as a page, and shows it. */
export async function showDossier({ store, state }: OpenWorkflow): Promise<void> {
  const { exportDossier } = await import("../../node/workflow/exportDossier.ts");
  const { markdown, page, missing } = await exportDossier(store.folderOf(state.id), state);
  await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.file(markdown));
  void offerPage(page, missing);
}

async function offerPage(page: string, missing: readonly { document: string; phase: string }[]): Promise<void> {
  const lacking = missing.map(({ document, phase }) => `${document} of "${phase}"`).join(", ");
  const message = `The dossier is in ${displayPath(page)}, a page for any browser, and beside it as Markdown.${
    lacking === "" ? "" : ` It lacks what was deleted: ${lacking}.`
  }`;
  if ((await vscode.window.showInformationMessage(message, "Open in Browser")) !== undefined) {
    await vscode.env.openExternal(vscode.Uri.file(page));
  }
}
