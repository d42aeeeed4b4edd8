import { failedChecks } from "./phaseChecks.ts";
import { type Finding, splitFindings } from "./taskOutput.ts";
import type { PhaseDefinition } from "./workflowDefinition.ts";
import type { WorkflowEvent } from "./workflowEvent.ts";
import { type PhaseState, phaseAt, type WorkflowState } from "./workflowState.ts";

type Answered = Extract<WorkflowEvent, { kind: "answered" }>;

/** What a person must choose to go on although checks fail. */
const ACCEPT_FAILURES = "accept-failures";

const MAX_ANSWER_CHARACTERS = 4_000;

/** Why these answers do not answer what the phase at work asks; undefined when they do. */
export function checkAnswers(state: WorkflowState, { answers, configuration }: Answered): string | undefined {
  const { definition } = phaseAt(state, state.current);
  const unknown = Object.keys(answers).find((key) => !definition.questions.some((question) => question.key === key));
  if (unknown !== undefined) {
    return `"${unknown}" is not asked in this phase.`;
  }
  const open = definition.questions.find(({ key, isOptional }) => !isOptional && (answers[key] ?? "").trim() === "");
  if (open !== undefined) {
    return `"${open.title}" is not answered.`;
  }
  if (Object.values(answers).some((answer) => answer.length > MAX_ANSWER_CHARACTERS)) {
    return `An answer has at most ${MAX_ANSWER_CHARACTERS} characters. Put what is longer into a file and name it.`;
  }
  return checkConfiguration(definition.asksConfiguration ? state.definition.configuration : [], configuration);
}

function checkConfiguration(
  options: WorkflowState["definition"]["configuration"],
  values: Answered["configuration"],
): string | undefined {
  const unknown = Object.keys(values).find((key) => !options.some((option) => option.key === key));
  if (unknown !== undefined) {
    return `"${unknown}" is no option that is asked here.`;
  }
  const wrong = options.find(({ key, values: allowed }) => !allowed.includes(values[key] ?? ""));
  return wrong && `${wrong.key} has to be one of ${wrong.values.join(", ")}.`;
}

/** What a gate offers to choose from; empty where it only asks for agreement. */
export function gateChoices(phase: {
  definition: PhaseDefinition;
  state: PhaseState;
}): { id: string; label: string }[] {
  const { gate } = phase.definition;
  if (gate?.opensWhenChecksPass === true) {
    const failed = failedChecks(phase.state);
    const which = failed.length === 1 ? "one check fails" : `${failed.length} checks fail`;
    return failed.length === 0 ? [] : [{ id: ACCEPT_FAILURES, label: `Go on although ${which}` }];
  }
  if (gate?.choices !== "approaches") {
    const severities = reportedFindings(phase.state).map(({ severity }) => severity);
    return gate?.choices?.filter(({ onlyWith }) => isOffered(onlyWith, severities)) ?? [];
  }
  return Object.entries(phase.state.tasks).flatMap(([id, task]) =>
    task.kind === "done" && task.output.kind === "approach" ? [{ id, label: task.output.name }] : [],
  );
}

/** What was chosen at the gate of a phase, in the words of the choice; undefined where there was nothing to choose. */
export function chosenLabel(phase: { definition: PhaseDefinition; state: PhaseState }): string | undefined {
  const choice = phase.state.approval?.choice;
  return gateChoices(phase).find(({ id }) => id === choice)?.label ?? choice;
}

/** What is fixed first. */
export function isGrave(severity: Finding["severity"]): boolean {
  return severity === "critical" || severity === "high";
}

function isOffered(
  onlyWith: "findings" | "some-grave-findings" | undefined,
  severities: readonly Finding["severity"][],
): boolean {
  switch (onlyWith) {
    case undefined:
      return true;
    case "findings":
      return severities.length > 0;
    case "some-grave-findings":
      break;
  }
  return severities.some(isGrave) && !severities.every(isGrave);
}

/** What a gate asks, in the words of its workflow. */
export function gateQuestion({ definition, state }: { definition: PhaseDefinition; state: PhaseState }): string {
  const { question = "Approve?", questionWithoutFindings } = definition.gate ?? {};
  return questionWithoutFindings !== undefined && reportedFindings(state).length === 0
    ? questionWithoutFindings
    : question;
}

function reportedFindings({ tasks }: PhaseState): Finding[] {
  return Object.values(tasks).flatMap((task) =>
    task.kind === "done" && task.output.kind === "findings" ? splitFindings(task.output.findings).reported : [],
  );
}

export function checkChoice(
  phase: { definition: PhaseDefinition; state: PhaseState },
  choice: string | undefined,
): string | undefined {
  const choices = gateChoices(phase);
  if (choices.length === 0) {
    return choice === undefined ? undefined : "There is nothing to choose at this gate.";
  }
  return choices.some(({ id }) => id === choice)
    ? undefined
    : `Choose one of: ${choices.map(({ id, label }) => `${label} (${id})`).join(", ")}.`;
}
