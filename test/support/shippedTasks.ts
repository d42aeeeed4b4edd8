import assert from "node:assert/strict";
import {
  type PhaseDefinition,
  type TaskDefinition,
  tasksOf,
  type WorkflowDefinition,
} from "../../src/core/workflow/workflowDefinition.ts";

/* Questions to the definition of a shipped workflow. */

export function phaseOf(definition: WorkflowDefinition, number: number): PhaseDefinition {
  return definition.phases[number - 1] ?? assert.fail(`no phase ${number}`);
}

/** The agents of each step; those of one step work together. */
export function agentsOf(phase: PhaseDefinition): string[] {
  return phase.steps.map(({ tasks }) => tasks.map(({ agent }) => agent).join(" + "));
}

export function taskOf(definition: WorkflowDefinition, id: string): TaskDefinition {
  return definition.phases.flatMap(tasksOf).find((task) => task.id === id) ?? assert.fail(`no task ${id}`);
}

/** Every word has to be in what the agent is told to do or has to leave. */
export function checkAsked(definition: WorkflowDefinition, id: string, words: readonly string[]): void {
  const { prompt, output } = taskOf(definition, id);
  const asked = [prompt, ...output.sections].join("\n").toLowerCase();
  assert.deepEqual(
    words.filter((word) => !asked.includes(word.toLowerCase())),
    [],
    id,
  );
  assert.ok(prompt.includes("$ARGUMENTS"), `${id} is told what the person asked for`);
}
