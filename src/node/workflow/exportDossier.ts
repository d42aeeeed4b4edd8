import { join } from "node:path";
import { renderDossierPage } from "../../core/workflow/dossierPage.ts";
import { type MissingDocument, renderDossier } from "../../core/workflow/renderDossier.ts";
import { phaseDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";

export type ExportedDossier = { markdown: string; page: string; missing: readonly MissingDocument[] };

/** Writes everything of a workflow into one document, as Markdown and as a page for the browser. */
export async function exportDossier(folder: string, state: WorkflowState): Promise<ExportedDossier> {
  const documents = state.phases.map((_phase, index) => phaseDocument(state, index));
  // What a phase left before the person went back is still there, and stands for nothing.
  const current = documents.map((document) => (Object.hasOwn(state.documents, document) ? document : undefined));
  const texts = await Promise.all(
    current.map(async (document) => (document && (await readDocument(folder, document))) ?? ""),
  );
  const missing = await findMissing(folder, state);
  const dossier = renderDossier(state, texts, missing);
  await writeDocument(folder, "dossier.md", dossier);
  await writeDocument(folder, "dossier.html", renderDossierPage(`${state.definition.title}: ${state.task}`, dossier));
  return { markdown: join(folder, "dossier.md"), page: join(folder, "dossier.html"), missing };
}

/** What the journal says was written and is not there, in the order of the phases. */
async function findMissing(folder: string, state: WorkflowState): Promise<MissingDocument[]> {
  const found = await Promise.all(
    Object.keys(state.documents).map(async (document) =>
      (await readDocument(folder, document)) === undefined ? [{ document, phase: phaseOf(document, state) }] : [],
    ),
  );
  return found.flat().toSorted((a, b) => a.document.localeCompare(b.document, "en"));
}

/** `Problem Analysis` of `documents/01-problem-analysis.md`. */
function phaseOf(document: string, { definition }: WorkflowState): string {
  const number = /^[^/]+\/(\d+)-/.exec(document)?.[1];
  return definition.phases[Number(number) - 1]?.title ?? definition.title;
}
