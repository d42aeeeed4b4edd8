import { join } from "node:path";
import { renderDossierPage } from "../../core/workflow/dossierPage.ts";
import { renderDossier } from "../../core/workflow/renderDossier.ts";
import { phaseDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";

/** Writes everything of a workflow into one document, as Markdown and as a page for the browser. */
export async function exportDossier(folder: string, state: WorkflowState): Promise<{ markdown: string; page: string }> {
  const documents = state.phases.map((_phase, index) => phaseDocument(state, index));
  const texts = await Promise.all(documents.map(async (document) => (await readDocument(folder, document)) ?? ""));
  const dossier = renderDossier(state, texts);
  await writeDocument(folder, "dossier.md", dossier);
  await writeDocument(folder, "dossier.html", renderDossierPage(`${state.definition.title}: ${state.task}`, dossier));
  return { markdown: join(folder, "dossier.md"), page: join(folder, "dossier.html") };
}
