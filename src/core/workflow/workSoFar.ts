import { inlineCode, oneLine } from "../base/markdown.ts";
import { chosenLabel } from "./checkAnswers.ts";
import { checksOf } from "./phaseChecks.ts";
import type { TaskOutput } from "./taskOutput.ts";
import { tasksOf } from "./workflowDefinition.ts";
import { type PhaseState, phaseAt, type WorkflowState } from "./workflowState.ts";

/*
 * What a workflow knows of its own work, for the documents that close it: they are filled from what the phases before left,
 * also where no language model is at work.
 */

const MAX_LINE = 1_000;

const TOLD: readonly [heading: RegExp, tell: (state: WorkflowState) => string[]][] = [
  [/what was built/i, tellWork],
  [/files created/i, tellFiles],
  [/decisions/i, tellDecisions],
  // What is usual for an approach was a proposal; what was built is the model.
  [/^model$/i, (state) => [...tellApproach(state), ...tellWork(state)]],
  [/^(?:metrics|evaluation)$/i, tellChecks],
  [/limits and risks/i, tellRisks],
  [/how to reproduce/i, tellProofs],
  [/next steps/i, tellNextSteps],
];

/** What the phases before say about a heading, a line each; empty where they say nothing. */
export function tellWorkSoFar(heading: string, state: WorkflowState): string[] {
  return TOLD.flatMap(([pattern, tell]) => (pattern.test(heading) ? tell(state) : []));
}

type Done = { phase: string; title: string; output: TaskOutput };

function doneTasks(state: WorkflowState): Done[] {
  return state.phases.slice(0, state.current).flatMap(({ tasks }, index) => {
    const { definition } = phaseAt(state, index);
    return tasksOf(definition).flatMap(({ id, title }) => {
      const task = tasks[id];
      return task?.kind === "done" ? [{ phase: definition.title, title, output: task.output }] : [];
    });
  });
}

/** The files that tasks before have named as theirs. */
export function recordedFiles(state: WorkflowState): ReadonlySet<string> {
  return new Set(
    state.phases.flatMap(({ tasks }) =>
      Object.values(tasks).flatMap((task) =>
        task.kind === "done" && task.output.kind === "files" ? task.output.files.map(({ path }) => path) : [],
      ),
    ),
  );
}

function tellWork(state: WorkflowState): string[] {
  return doneTasks(state).flatMap(({ title, output }) =>
    output.kind === "files" && output.files.length > 0 ? [`${title}: ${oneLine(output.summary, MAX_LINE)}`] : [],
  );
}

/** Each once, with what it was first written for. */
function tellFiles(state: WorkflowState): string[] {
  const named = doneTasks(state).flatMap(({ phase, output }) =>
    output.kind === "files" ? output.files.map(({ path, purpose }) => ({ path, purpose, phase })) : [],
  );
  const paths = new Set(named.map(({ path }) => path));
  const first = [...paths].flatMap((path) => named.find((file) => file.path === path) ?? []);
  const unnamed = Object.keys(state.files).filter((path) => !paths.has(path));
  return [
    ...first.map(({ path, purpose, phase }) => `${inlineCode(path)}: ${oneLine(purpose, MAX_LINE)} (${phase})`),
    ...unnamed.map((path) => `${inlineCode(path)}: written by an agent`),
  ];
}

function tellDecisions(state: WorkflowState): string[] {
  return state.phases.slice(0, state.current).flatMap(({ kind, note, approval }, index) => {
    const at = phaseAt(state, index);
    const { title } = at.definition;
    const label = chosenLabel(at);
    const approach = approachOf(at.state, state);
    const tradeOffs = approach?.changed === undefined ? approach?.tradeOffs : undefined;
    return [
      ...(kind === "skipped" ? [`${title}: skipped`] : []),
      ...(note === undefined ? [] : [`${title}: revised on request: ${oneLine(note, MAX_LINE)}`]),
      ...(approval === undefined || label === undefined
        ? []
        : [
            `${title}: ${label} (chosen by ${approval.by})${tradeOffs === undefined ? "" : `. ${oneLine(tradeOffs, MAX_LINE)}`}`,
          ]),
    ];
  });
}

/** The approach that was chosen at the gate of a phase; `changed`: where its text lies that a person has changed since. */
function approachOf({ tasks, approval }: PhaseState, { documents }: WorkflowState) {
  const task = approval?.choice === undefined ? undefined : tasks[approval.choice];
  if (task?.kind !== "done" || task.output.kind !== "approach") {
    return undefined;
  }
  const isChanged = documents[task.document] !== task.hash;
  return { ...task.output, changed: isChanged ? task.document : undefined };
}

function tellApproach(state: WorkflowState): string[] {
  return state.phases.flatMap((phase) => {
    const approach = approachOf(phase, state);
    return approach === undefined
      ? []
      : [
          approach.changed === undefined
            ? `${approach.name}: ${oneLine(approach.architecture, MAX_LINE)}`
            : `${approach.name}: as you have changed it in ${inlineCode(approach.changed)}`,
        ];
  });
}

/** The checks of the last phase that made any. */
function lastChecks({ phases, current }: WorkflowState) {
  return phases
    .slice(0, current)
    .map(checksOf)
    .findLast((checks) => checks.length > 0);
}

/** How the checks of the last phase that made any went, a line each. */
export function tellChecks(state: WorkflowState): string[] {
  return (lastChecks(state) ?? []).map(({ name, status, by, evidence, measured }) => {
    const seen = measured === undefined ? `said by ${by}, not measured` : "measured by Trainyard";
    return `${name}: ${status.replace("-", " ")}, ${oneLine(evidence, MAX_LINE)} (${seen})`;
  });
}

function tellRisks(state: WorkflowState): string[] {
  return doneTasks(state).flatMap(({ output }) =>
    output.kind === "risks"
      ? output.risks.map(
          ({ category, description, mitigation }) =>
            `${category}: ${oneLine(description, MAX_LINE)} ${oneLine(mitigation, MAX_LINE)}`,
        )
      : [],
  );
}

/** The tests and the results that the checks rested on. */
function tellProofs(state: WorkflowState): string[] {
  const proofs = doneTasks(state).flatMap(({ output }) =>
    output.kind === "checks" ? output.checks.flatMap(({ proof }) => (proof === undefined ? [] : [proof])) : [],
  );
  const tests = new Set(proofs.flatMap((proof) => (proof.kind === "tests" ? proof.files : [])));
  const results = new Set(proofs.flatMap((proof) => (proof.kind === "metric" ? [proof.file] : [])));
  return [
    ...(tests.size === 0 ? [] : [`tests: ${[...tests].map((file) => inlineCode(file)).join(", ")}`]),
    ...(results.size === 0 ? [] : [`results: ${[...results].map((file) => inlineCode(file)).join(", ")}`]),
  ];
}

/** What is open, and what follows any model that is built. */
function tellNextSteps(state: WorkflowState): string[] {
  const failed = (lastChecks(state) ?? []).filter(({ status }) => status !== "passed");
  const open = doneTasks(state).flatMap(({ output }) => (output.kind === "files" ? output.open : []));
  const where = state.answers["deployment"];
  return [
    ...failed.map(({ name }) => `${name}: did not pass, and the work went on.`),
    ...open.map((each) => `Open: ${oneLine(each, MAX_LINE)}`),
    `Tuning: ${inlineCode("@ml-trainer /optimize")} says what is worth trying, ${inlineCode("/sweep")} tries it.`,
    `Deployment${where === undefined ? "" : ` (${oneLine(where, MAX_LINE)})`}: ${inlineCode("@mlops-engineer /pipeline")} plans serving, rollback and cost.`,
    "Monitoring: log inputs and outputs, compare them with the training data, and decide at which metric to train again.",
    "A/B test: only where users meet both models; fix the metric and the number of cases before it begins.",
  ];
}
