import { tasksOf, type WorkflowDefinition } from "./workflowDefinition.ts";
import type { WorkflowState } from "./workflowState.ts";

const QUESTION = "task";

const PLACEHOLDER = "$ARGUMENTS";

/**
 * A workflow that was begun without a word about what it is for asks that first, before the questions of its own. One that
 * tells its agents nothing of it needs no such word.
 */
export function askingForTask(definition: WorkflowDefinition): WorkflowDefinition {
  const [first, ...others] = definition.phases;
  const isNeeded = definition.phases.some((phase) => tasksOf(phase).some(({ prompt }) => prompt.includes(PLACEHOLDER)));
  if (first === undefined || !isNeeded || first.questions.some(({ key }) => key === QUESTION)) {
    return definition;
  }
  const question = { key: QUESTION, title: "What shall be done?", options: [], isOptional: false };
  return { ...definition, phases: [{ ...first, questions: [question, ...first.questions] }, ...others] };
}

/** What the workflow is for, once that was answered; what was said when it began stays. */
export function taskAfter(
  { task, definition, answers: earlier }: WorkflowState,
  answers: Readonly<Record<string, string>>,
): string {
  const answered = answers[QUESTION]?.trim() ?? "";
  const isOpen = task === definition.title || task === earlier[QUESTION]?.trim();
  return isOpen && answered !== "" ? answered : task;
}
