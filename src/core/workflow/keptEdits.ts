import { tasksOf } from "./workflowDefinition.ts";
import type { StampedEvent } from "./workflowEvent.ts";
import { MISSING_DOCUMENT, phaseAt, phaseDocument, taskDocument, type WorkflowState } from "./workflowState.ts";

/** A text of a document by its hash. */
export type KeptEdit = { document: string; hash: string };

/** What happened to one document so far; `kept`: the last text of the person that was written over, and not approved since. */
type Course = { latest?: { hash: string; isEdited: boolean }; kept?: string };

/**
 * The documents of a phase that were written anew over changes of the person, with the hash of the person's text, until the
 * phase is approved as it is now.
 */
export function keptEdits(events: readonly StampedEvent[], state: WorkflowState, phase: number): KeptEdit[] {
  const { definition } = phaseAt(state, phase);
  const courses = new Map<string, Course>();
  const write = (document: string, hash: string) => {
    const { latest, kept } = courses.get(document) ?? {};
    const replaced = latest?.isEdited === true && latest.hash !== hash ? latest.hash : kept;
    courses.set(document, { latest: { hash, isEdited: false }, ...(replaced === undefined ? {} : { kept: replaced }) });
  };
  for (const { event } of events) {
    if (event.kind === "document-written" && event.phase === phase) {
      write(phaseDocument(state, phase), event.hash);
    } else if (event.kind === "task-finished" && tasksOf(definition).some(({ id }) => id === event.task)) {
      write(taskDocument(state, phase, event.task), event.hash);
    } else if (event.kind === "document-edited" && event.hash !== MISSING_DOCUMENT) {
      const { document, hash } = event;
      courses.set(document, { ...courses.get(document), latest: { hash, isEdited: true } });
    } else if (event.kind === "approved" && event.phase === phase) {
      courses.forEach(({ latest }, document) => void courses.set(document, latest === undefined ? {} : { latest }));
    }
  }
  return [...courses].flatMap(([document, { latest, kept }]) =>
    kept === undefined || kept === latest?.hash ? [] : [{ document, hash: kept }],
  );
}
