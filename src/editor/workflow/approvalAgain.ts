import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { excerptOfLines } from "../../core/base/excerptOfLines.ts";
import { escapeMarkdown, fencedBlock, inlineCode, oneLine } from "../../core/base/markdown.ts";
import { describeReplacement } from "../../core/tools/describeReplacement.ts";
import { type ChangedDocument, changedDocuments, nameDocument } from "../../core/workflow/approvalChanges.ts";
import { keptEdits } from "../../core/workflow/keptEdits.ts";
import { type WorkflowState, withdrawnGates } from "../../core/workflow/workflowState.ts";
import { readApproved, readDocument } from "../../node/workflow/workflowDocuments.ts";
import { shownDocument } from "../base/shownText.ts";
import { changedSinceShown, shownBefore } from "./gateTickets.ts";
import type { OpenWorkflow } from "./workflowDesk.ts";
import { required } from "./workflowQuestions.ts";

/** A chat is no place for long differences; the editor shows them whole. */
const MAX_SHOWN_DOCUMENTS = 3;
const IN_CHAT = { lines: 30, characters: 200 };

/** A document as it was approved and as it is now; undefined where that text is not kept, or is none. */
type Texts = { approved: string | undefined; now: string | undefined };

async function readTexts(folder: string, { document, approved }: ChangedDocument): Promise<Texts> {
  return {
    approved: approved === undefined ? undefined : await readApproved(folder, document, approved),
    now: await readDocument(folder, document),
  };
}

/** What has changed since it was approved, each document by its name and with the difference, as Markdown. */
export async function describeChanges(folder: string, state: WorkflowState, gate: number): Promise<string> {
  const changed = changedDocuments(state, gate);
  const texts = await Promise.all(
    changed.map(async (each) => {
      const { approved, now } = await readTexts(folder, each);
      return { document: each.document, before: approved, now };
    }),
  );
  return renderChanges(state, texts, "the text that was approved is not kept, so only what it says now can be shown.");
}

/** What of a gate is not any more what this window showed before it was approved, as Markdown; empty where all is. */
export async function describeChangesSinceShown(folder: string, state: WorkflowState, gate: number): Promise<string> {
  const changed = changedSinceShown(state, gate);
  if (changed.length === 0) {
    return "";
  }
  const texts = await Promise.all(
    changed.map(async ({ document, shown }) => ({
      document,
      before: shown,
      now: await readDocument(folder, document),
    })),
  );
  return `⚠ This has changed since it was shown to you, so read it again:\n\n${renderChanges(state, texts, "it was written since.")}`;
}

function renderChanges(
  state: WorkflowState,
  changed: readonly { document: string; before: string | undefined; now: string | undefined }[],
  withoutText: string,
): string {
  const shown = changed.slice(0, MAX_SHOWN_DOCUMENTS).map(({ document, before, now }) => {
    const name = `**${escapeMarkdown(nameDocument(state, document))}**`;
    return before === undefined || now === undefined
      ? `${name}: ${withoutText}`
      : `${name}:\n\n${fencedBlock(excerptOfLines(describeReplacement(before, now), IN_CHAT), "diff")}`;
  });
  const more = changed.slice(MAX_SHOWN_DOCUMENTS).map(({ document }) => inlineCode(document));
  return [...shown, ...(more.length === 0 ? [] : [`Changed as well: ${more.join(", ")}.`])].join("\n\n");
}

/** Shows a document that was changed after its approval beside what was approved. */
export async function compareWithApproved({ store, state }: OpenWorkflow): Promise<void> {
  const changed = withdrawnGates(state)
    .flatMap((gate) => changedDocuments(state, gate))
    .filter(({ isMissing }) => !isMissing);
  const each = await pickChanged(state, changed);
  if (each === undefined) {
    throw new UserError("No document of this workflow differs from what was approved.");
  }
  const folder = store.folderOf(state.id);
  const { approved } = await readTexts(folder, each);
  if (approved === undefined) {
    throw new UserError(
      `The text of ${each.document} that was approved is not kept. Read what it says now with Trainyard: Open Workflow Document.`,
    );
  }
  await showBeside(folder, each.document, { text: approved, name: "approved" });
}

/** Shows a document that was changed before its approval beside what this window had shown of it. */
export async function compareWithShown({ store, state }: OpenWorkflow, phase: number): Promise<void> {
  const earlier = shownBefore(state, phase);
  const each = await pickChanged(
    state,
    Object.keys(earlier).map((document) => ({ document })),
  );
  if (each === undefined) {
    throw new UserError("No document of this phase has changed since this window showed it.");
  }
  await showBeside(store.folderOf(state.id), each.document, { text: earlier[each.document] ?? "", name: "shown" });
}

async function pickChanged<Each extends { document: string }>(
  state: WorkflowState,
  changed: readonly Each[],
): Promise<Each | undefined> {
  if (changed.length < 2) {
    return changed[0];
  }
  const rows = changed.map((each) => ({ label: nameDocument(state, each.document), each }));
  return (await required(vscode.window.showQuickPick(rows, { title: "Which document was changed?" }))).each;
}

/** A document as it is now, which can be edited there, beside an earlier text of it. */
async function showBeside(folder: string, document: string, earlier: { text: string; name: string }): Promise<void> {
  await vscode.commands.executeCommand(
    "vscode.diff",
    shownDocument(`${earlier.name} ${path.basename(document)}`, earlier.text),
    vscode.Uri.file(path.join(folder, document)),
    `${document} (${earlier.name} ↔ now)`,
  );
}

/** Shows the person's own text of a document beside what was written over it. */
export async function compareWithKept({ store, state }: OpenWorkflow, phase: number, document: string): Promise<void> {
  const edit = keptEdits(await store.events(state.id), state, phase).find((each) => each.document === document);
  const folder = store.folderOf(state.id);
  const kept = edit && (await readApproved(folder, document, edit.hash));
  if (kept === undefined) {
    throw new UserError(
      `No text of yours is kept that was written over in ${oneLine(document, 200)} since it was approved. Earlier texts lie in history, in the folder of the workflow.`,
    );
  }
  await showBeside(folder, document, { text: kept, name: "yours" });
}
