import { isGrave } from "./checkAnswers.ts";
import { renderTaskDocument } from "./renderDocuments.ts";
import { type Finding, REPORTED_CONFIDENCE } from "./taskOutput.ts";
import { tasksOf } from "./workflowDefinition.ts";
import { phaseAt, taskDocument, type WorkflowState } from "./workflowState.ts";

/** What a review has kept below the line of what it reports; nobody decided about it. */
const KEPT_PART = /\n#+ Kept for audit[\s\S]*$/;

/**
 * The text of a review as it is handed on behind the gate of its own phase: the findings that the person chose there, and no
 * others. A text that a person has changed stays as they left it, but for what the review had kept for audit.
 */
export function handedOn(state: WorkflowState, document: string, text: string): string {
  const { definition, state: phase } = phaseAt(state, state.current);
  const { choices } = definition.gate ?? {};
  const choice = Array.isArray(choices) ? choices.find(({ id }) => id === phase.approval?.choice) : undefined;
  const task = tasksOf(definition).find(({ id }) => taskDocument(state, state.current, id) === document);
  const done = task === undefined ? undefined : phase.tasks[task.id];
  if (choice?.handsOn === undefined || !task || done?.kind !== "done" || done.output.kind !== "findings") {
    return text;
  }
  const { output } = done;
  if (text.trim() !== renderTaskDocument(task.title, done.by, { output }).trim()) {
    return text.replace(KEPT_PART, "\n");
  }
  const isChosen = ({ confidence, severity }: Finding) =>
    confidence >= REPORTED_CONFIDENCE && (choice.handsOn === "reported" || isGrave(severity));
  const findings = output.findings.filter(isChosen);
  return findings.length === 0
    ? `"${task.title}" has nothing for you.`
    : renderTaskDocument(task.title, done.by, { output: { ...output, findings, checked: "" } });
}
