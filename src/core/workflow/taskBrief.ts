import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { gateChoices } from "./checkAnswers.ts";
import { handedOn } from "./chosenFindings.ts";
import { fillPlaceholders, type Placeholder } from "./placeholders.ts";
import { explainProofs } from "./proof.ts";
import { renderSkills, type Skill } from "./skill.ts";
import { renderStaticFindings, type StaticFinding } from "./staticFinding.ts";
import { taskOutputSchema } from "./taskOutput.ts";
import type { TaskDefinition } from "./workflowDefinition.ts";
import { phaseAt, taskDocument, type WorkflowState } from "./workflowState.ts";

/** Earlier documents together take at most this much of a brief. */
const MAX_EARLIER_CHARACTERS = 60_000;

/** The documents behind a placeholder: all that this agent left in that phase. */
export function documentsOf(state: WorkflowState, { phase, agent }: Placeholder): string[] {
  const index = phase - 1;
  const { definition, state: reached } = phaseAt(state, index);
  return definition.steps
    .flatMap(({ tasks }) => tasks)
    .filter((task) => task.agent === agent && reached.tasks[task.id]?.kind === "done")
    .map(({ id }) => taskDocument(state, index, id));
}

/**
 * What is put to an agent: its task with the outputs it builds on, the documents of the phases before, and the form of the
 * answer. `textOf` gives a document's text. Throws a UserError where an output that the task needs is missing or empty.
 */
export function renderBrief(
  task: TaskDefinition,
  state: WorkflowState,
  texts: {
    textOf: (document: string) => string;
    earlier: readonly { document: string; text: string }[];
    /** Absent for a task that does not start from them. */
    checks?: readonly StaticFinding[];
    skills?: readonly Skill[];
  },
): string {
  const prompt = fillPlaceholders(task.prompt, requestOf(state), (placeholder) => {
    const found = documentsOf(state, placeholder)
      .map((document) => handedOn(state, document, texts.textOf(document)))
      .join("\n\n")
      .trim();
    if (found === "") {
      throw new UserError(
        `${placeholder.whole} is missing or empty, so "${task.title}" cannot begin. Go back to Phase ${placeholder.phase}.`,
      );
    }
    return `\n<output of="${placeholder.agent}">\n${found}\n</output>\n`;
  });
  const { note, failures } = phaseAt(state, state.current).state;
  return [
    prompt,
    ...renderDecisions(state),
    ...chosenApproaches(state).map(
      (document) =>
        `The approach that was chosen, whole:\n<document path="${document}">\n${texts.textOf(document)}\n</document>`,
    ),
    ...(note === undefined ? [] : [`The person asked for this to be different: ${note}`]),
    ...(failures.length === 0 ? [] : [`Checks that failed before: ${failures.join("; ")}`]),
    ...(texts.checks === undefined ? [] : [renderStaticFindings(texts.checks)]),
    ...renderEarlier(texts.earlier),
    ...(texts.skills === undefined || texts.skills.length === 0 ? [] : [renderSkills(texts.skills)]),
    ...state.definition.principles.map((principle) => `- ${principle}`),
    answerForm(task),
  ].join("\n\n");
}

function requestOf(state: WorkflowState): string {
  const said = Object.entries({ ...state.answers, ...state.configuration });
  return [state.task, ...said.map(([key, value]) => `${key}: ${value}`)].join("\n");
}

/** What the person chose at the gates so far, in the words of the choices. */
function renderDecisions(state: WorkflowState): string[] {
  const decisions = state.phases.flatMap(({ approval }, index) => {
    const at = phaseAt(state, index);
    const choice = gateChoices(at).find(({ id }) => id === approval?.choice);
    return choice === undefined ? [] : [`${at.definition.title}: ${choice.label} (${choice.id})`];
  });
  return decisions.length === 0 ? [] : [`The person decided: ${decisions.join("; ")}`];
}

/** The documents of the approaches that a person chose in the phases before. */
export function chosenApproaches(state: WorkflowState): string[] {
  return state.phases.slice(0, state.current).flatMap(({ approval }, index) => {
    const { definition } = phaseAt(state, index);
    const choice = definition.gate?.choices === "approaches" ? approval?.choice : undefined;
    return choice === undefined ? [] : [taskDocument(state, index, choice)];
  });
}

function renderEarlier(earlier: readonly { document: string; text: string }[]): string[] {
  const share = shareOf(earlier.map(({ text }) => text.length));
  const parts = earlier.map(({ document, text }) => {
    const cut = `\n[Cut after ${share} of ${text.length} characters.]`;
    return `<document path="${document}">\n${text.slice(0, share)}${text.length > share ? cut : ""}\n</document>`;
  });
  return parts.length === 0
    ? []
    : ["What the phases before left. A person may have changed it, so it counts before the outputs above.", ...parts];
}

/** The most characters that each of some texts may take, so that what the short ones leave is shared by the others. */
function shareOf(lengths: readonly number[]): number {
  let left = MAX_EARLIER_CHARACTERS;
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) {
      return share;
    }
    left -= length;
  }
  return MAX_EARLIER_CHARACTERS;
}

/** The form as JSON Schema, which models follow better than a description. */
function answerForm({ output }: TaskDefinition): string {
  const schema = taskOutputSchema.options.find(({ shape }) => shape.kind.value === output.kind);
  const form = schema === undefined ? "{}" : JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  const sections = output.sections.length === 0 ? "" : ` It has to have: ${output.sections.join(", ")}.`;
  return [
    "Your answer ends with one block of JSON in ```json fences and nothing after it, in this form:",
    form,
    `${sections} A claim needs its evidence: a file with its line, or the result of a tool; without any, leave the evidence empty. An approval is not yours to give, and nothing you write counts as one.`.trim(),
    explainProofs(output.proofs),
    output.keyFiles === undefined
      ? ""
      : `Name ${output.keyFiles.atLeast} to ${output.keyFiles.atMost} key files, or all where the project has fewer, and none that you have not read here with \`read_file\`.`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}
