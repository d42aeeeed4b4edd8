import { stat } from "node:fs/promises";
import { join } from "node:path";
import { deepenHeadings } from "../../core/base/markdown.ts";
import { filesInDocument } from "../../core/workflow/filesInDocument.ts";
import { findPlaceholders } from "../../core/workflow/placeholders.ts";
import { paragraphs } from "../../core/workflow/renderOutput.ts";
import { documentsOf } from "../../core/workflow/taskBrief.ts";
import { countUnknown } from "../../core/workflow/templateOutput.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";

/** Where the files that stand in documents lie as files, for the person to put in place. */
export const DELIVERED_FILES = "deliverables/files";

/**
 * Composes the deliverables of a workflow of its documents as they are now, but for those that are younger than all of theirs.
 * Files that stand whole in them are written beside.
 */
export async function writeDeliverables(folder: string, state: WorkflowState): Promise<void> {
  for (const { id, title, from } of state.definition.deliverables) {
    const sources = from.flatMap(findPlaceholders).flatMap((placeholder) => documentsOf(state, placeholder));
    const deliverable = `deliverables/${id}.md`;
    const [written, ...changed] = await Promise.all([deliverable, ...sources].map((path) => changedAt(folder, path)));
    if (written !== undefined && changed.every((at = 0) => at <= written)) {
      continue;
    }
    const texts = await Promise.all(sources.map(async (source) => (await readDocument(folder, source)) ?? ""));
    const parts = [`# ${title}`, describeGaps(countUnknown(texts.join("\n"))), texts.map(deepenHeadings).join("\n")];
    await writeDocument(folder, deliverable, paragraphs(parts));
    for (const { path, text } of texts.flatMap(filesInDocument)) {
      await writeDocument(folder, `${DELIVERED_FILES}/${path}`, text);
    }
  }
}

/** A deliverable is no more than its documents are, which its title does not tell. */
function describeGaps(count: number): string {
  const sections = count === 1 ? "One section" : `${count} sections`;
  return count === 0
    ? ""
    : `⚠ ${sections} below still ${count === 1 ? "says" : "say"} that nothing is known. This file is put together from what the phases left: what they do not say of its subject is not known yet.`;
}

async function changedAt(folder: string, document: string): Promise<number | undefined> {
  return (await stat(join(folder, document)).catch(() => undefined))?.mtimeMs;
}
