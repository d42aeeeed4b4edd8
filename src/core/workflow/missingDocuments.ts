import { coveredDocuments, MISSING_DOCUMENT, type WorkflowState } from "./workflowState.ts";

/** Documents that a gate stands for and that are gone, each with the phase that writes it again. */
export function missingDocuments(state: WorkflowState, gate: number): { document: string; phase: number }[] {
  return Object.entries(coveredDocuments(state, gate))
    .filter(([, hash]) => hash === MISSING_DOCUMENT)
    .map(([document]) => ({ document, phase: phaseOf(document) ?? gate }));
}

/** `documents/03-risk-assessment.md` and `outputs/03-risk-assessment/leakage.md` are of the third phase. */
function phaseOf(document: string): number | undefined {
  const number = /^[a-z]+\/(\d+)-/.exec(document)?.[1];
  return number === undefined ? undefined : Number(number) - 1;
}

/** What is missing and what to do, as a sentence; `again` says how a phase is written again. */
export function describeMissing(missing: readonly { document: string; phase: number }[], again: string): string {
  const names = missing.map(({ document }) => document).join(", ");
  const [are, them] = missing.length === 1 ? ["is", "it"] : ["are", "them"];
  return `${names} ${are} missing, so there is nothing to approve. Put ${them} back, or have ${them} written again${again}.`;
}
