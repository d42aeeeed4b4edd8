import { describePhase } from "./phaseNames.ts";
import { differingNames } from "./testPermission.ts";
import { tasksOf } from "./workflowDefinition.ts";
import {
  coveredDocuments,
  MISSING_DOCUMENT,
  phaseDocument,
  taskDocument,
  type WorkflowState,
} from "./workflowState.ts";

/** `approved` is absent for a document that the approval did not stand for. */
export type ChangedDocument = { document: string; approved?: string; isMissing: boolean };

/** The documents of a gate that are not any more what was approved at it, by their names. */
export function changedDocuments(state: WorkflowState, gate: number): ChangedDocument[] {
  const approved = state.phases[gate]?.approval?.hashes;
  const covered = coveredDocuments(state, gate);
  return differingNames(approved ?? covered, covered).map((document) => ({
    document,
    ...(approved?.[document] === undefined ? {} : { approved: approved[document] }),
    isMissing: covered[document] === MISSING_DOCUMENT,
  }));
}

/** What happened to an approval that does not hold any more, as a sentence that names the documents. */
export function describeWithdrawn(state: WorkflowState, gate: number): string {
  const changed = changedDocuments(state, gate);
  const namesOf = (isMissing: boolean) =>
    changed.flatMap((each) => (each.isMissing === isMissing ? [nameDocument(state, each.document)] : []));
  const [deleted, edited] = [namesOf(true), namesOf(false)];
  const what = [
    ...(deleted.length > 0 ? [`${deleted.join(", ")} ${deleted.length === 1 ? "was" : "were"} deleted`] : []),
    ...(edited.length > 0 ? [`${edited.join(", ")} ${edited.length === 1 ? "has" : "have"} been changed`] : []),
  ];
  const changes = what.length === 0 ? "a document was changed, and put back as it was" : what.join(", and ");
  return `Since ${describePhase(state, gate)} was approved, ${changes}.`;
}

/** `Problem Analysis (documents/01-problem-analysis.md)`, as people call it and as it is found. */
export function nameDocument(state: WorkflowState, document: string): string {
  const titles = state.definition.phases.flatMap((phase, index) => [
    [phaseDocument(state, index), phase.title] as const,
    ...tasksOf(phase).map(({ id, title }) => [taskDocument(state, index, id), title] as const),
  ]);
  const title = titles.find(([path]) => path === document)?.[1];
  if (title !== undefined) {
    return `${title} (${document})`;
  }
  return document.startsWith("evidence/") ? `What its tests printed (${document})` : document;
}

/** Why what was shown cannot be approved as it is now; undefined where it can. */
export function refuseShown(
  state: WorkflowState,
  shown: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string | undefined {
  const gone = Object.keys(now).filter((document) => now[document] === MISSING_DOCUMENT);
  if (gone.length > 0) {
    const [were, them] = gone.length === 1 ? ["was", "it"] : ["were", "them"];
    const names = gone.map((document) => nameDocument(state, document)).join(", ");
    return `${names} ${were} deleted. Put ${them} back, or go back to the phase to have ${them} written again.`;
  }
  const changed = differingNames(shown, now).map((document) => nameDocument(state, document));
  return changed.length === 0
    ? undefined
    : `The documents have changed since they were shown: ${changed.join(", ")}. Read them again, then approve.`;
}
