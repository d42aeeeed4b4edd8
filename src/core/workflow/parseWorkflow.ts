import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { closestName } from "../base/closestName.ts";
import type { Problem, TextRange } from "../base/problems.ts";
import { rangeBetween } from "../base/textPosition.ts";
import { describeIssue } from "./outputProblems.ts";
import { findMisspelt, findPlaceholders } from "./placeholders.ts";
import { type TaskDefinition, tasksOf, type WorkflowDefinition, workflowSchema } from "./workflowDefinition.ts";

/** A place in which a file names an agent. */
export type NamedAgent = { name: string; range: TextRange };

/** `definition` and `agents` are there only for a file without errors: a workflow with a hole in it is not begun. */
export type ParsedWorkflow = {
  definition?: WorkflowDefinition;
  agents?: readonly NamedAgent[];
  problems: readonly Problem[];
};

type Path = readonly PropertyKey[];
type Complaint = { path: Path; message: string };

/** Longer than any workflow that people can follow. */
const MAX_CHARACTERS = 400_000;

/** Reads a workflow file. Never throws; each problem stands at the place that it is about. */
export function parseWorkflow(text: string): ParsedWorkflow {
  if (text.length > MAX_CHARACTERS) {
    return { problems: [problem(wholeLine(text), `The file has more than ${MAX_CHARACTERS} characters.`)] };
  }
  const read = readDocument(text);
  if ("problems" in read) {
    return read;
  }
  const { rangeOf, isWritten, value } = read;
  const parsed = workflowSchema.safeParse(value);
  if (!parsed.success) {
    const { issues } = parsed.error;
    return { problems: issues.flatMap((issue) => schemaProblems(issue, { issues, value, rangeOf })) };
  }
  const complaints = [...checkReferences(parsed.data), ...checkEmptySections(parsed.data, isWritten)];
  const problems = complaints.map(({ path, message }) => problem(rangeOf(path), message));
  return problems.length === 0
    ? { definition: parsed.data, agents: namedAgents(parsed.data, rangeOf), problems }
    : { problems };
}

/** Says of each agent of a file that nobody is called so: its task would be done without instructions of its own. */
export function unknownAgents(agents: readonly NamedAgent[], known: readonly string[]): Problem[] {
  return agents
    .filter(({ name }) => !known.includes(name))
    .map(({ name, range }) => {
      const meant = closestName(name, known);
      const hint =
        meant === undefined ? "Trainyard: Show Agents lists those that there are." : `Did you mean "${meant}"?`;
      const message = `No agent is called "${name}", so this task would have no instructions but its prompt. ${hint}`;
      return { code: "workflow", severity: "warning", message, range };
    });
}

function namedAgents({ phases }: WorkflowDefinition, rangeOf: (path: Path) => TextRange): NamedAgent[] {
  return placedTasks(phases).map(({ task, path }) => ({ name: task.agent, range: rangeOf([...path, "agent"]) }));
}

function placedTasks(phases: WorkflowDefinition["phases"]): { task: TaskDefinition; path: Path }[] {
  return phases.flatMap(({ steps }, phase) =>
    steps.flatMap(({ tasks }, step) =>
      tasks.map((task, number) => ({ task, path: ["phases", phase, "steps", step, "tasks", number] })),
    ),
  );
}

/** A list that is written and empty was meant to hold something. */
function checkEmptySections({ phases }: WorkflowDefinition, isWritten: (path: Path) => boolean): Complaint[] {
  return placedTasks(phases)
    .filter(({ task }) => task.output.sections.length === 0)
    .map(({ path }) => [...path, "output", "sections"])
    .filter(isWritten)
    .map((path) => complain(path, "no section is named: name what the output has to have, or leave `sections` out"));
}

type Issue = z.core.$ZodIssue;

/** A field that nothing knows is most likely one that is missing beside it. */
function schemaProblems(
  issue: Issue,
  { issues, value, rangeOf }: { issues: readonly Issue[]; value: unknown; rangeOf: RangeOf },
): Problem[] {
  if (issue.code !== "unrecognized_keys") {
    return [problem(rangeOf(issue.path), `${capitalized(describeIssue(issue, value))}.`)];
  }
  const place = issue.path.join(".");
  const missing = issues
    .filter(({ code, path }) => code !== "unrecognized_keys" && path.slice(0, -1).join(".") === place)
    .map(({ path }) => String(path.at(-1)));
  return issue.keys.map((key) => {
    const meant = closestName(key, missing);
    const advice = meant === undefined ? "Correct it, or remove it." : `Did you mean \`${meant}\`?`;
    return problem(rangeOf([...issue.path, key], "key"), `\`${key}\` is no field that is known here. ${advice}`);
  });
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Where a field stands: what is written in it, or its name. */
type RangeOf = (path: Path, part?: "key") => TextRange;

type ReadDocument = { value: unknown; rangeOf: RangeOf; isWritten: (path: Path) => boolean } | { problems: Problem[] };

function readDocument(text: string): ReadDocument {
  try {
    const document = parseDocument(text, { lineCounter: new LineCounter(), logLevel: "silent", prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) {
      return { problems: [problem(rangeBetween(text, ...error.pos), `The file cannot be read: ${error.message}`)] };
    }
    if (!isMap(document.contents)) {
      return { problems: [problem(wholeLine(text), "A workflow is a mapping that begins with `name:`.")] };
    }
    return {
      value: document.toJS({ maxAliasCount: 50 }),
      isWritten: (path) => document.hasIn(path),
      rangeOf(path, part) {
        const parent = part === "key" ? document.getIn(path.slice(0, -1), true) : undefined;
        const key = isMap(parent)
          ? parent.items.find(({ key: each }) => isScalar(each) && each.value === path.at(-1))
          : undefined;
        if (isNode(key?.key) && key.key.range) {
          return rangeBetween(text, key.key.range[0], key.key.range[1]);
        }
        // A field that is missing has no place of its own; then the nearest thing around it has to do.
        for (let length = path.length; length > 0; length--) {
          const node = document.getIn(path.slice(0, length), true);
          if (isNode(node) && node.range) {
            return rangeBetween(text, node.range[0], Math.min(node.range[1], endOfLine(text, node.range[0])));
          }
        }
        return wholeLine(text);
      },
    };
  } catch (error) {
    // Collections nested thousands deep exhaust the parser's stack, and too many aliases are refused.
    if (error instanceof RangeError || error instanceof ReferenceError) {
      return { problems: [problem(wholeLine(text), "The file is nested too deeply or repeats itself too often.")] };
    }
    throw error;
  }
}

/** What a schema cannot see: names that have to exist elsewhere in the same file. */
function checkReferences(definition: WorkflowDefinition): Complaint[] {
  const { phases, configuration, deliverables, criteria } = definition;
  return [
    ...duplicates(phases.map(({ id }, index) => ({ name: id, path: ["phases", index, "id"] }))),
    ...duplicates(criteria.map(({ id }, index) => ({ name: id, path: ["criteria", index, "id"] }))),
    ...duplicates(deliverables.map(({ id }, index) => ({ name: id, path: ["deliverables", index, "id"] }))),
    ...duplicates(configuration.map(({ key }, index) => ({ name: key, path: ["configuration", index, "key"] }))),
    ...duplicates(
      phases.flatMap(({ questions }, phase) =>
        questions.map(({ key }, index) => ({ name: key, path: ["phases", phase, "questions", index, "key"] })),
      ),
    ),
    ...configuration.flatMap((option, index) =>
      option.values.includes(option.default)
        ? []
        : [complain(["configuration", index, "default"], `"${option.default}" is none of the values of ${option.key}`)],
    ),
    ...phases.flatMap((_phase, index) => checkPhase(definition, index)),
    ...deliverables.flatMap(({ from }, index) =>
      from.flatMap((text, at) => checkPlaceholders(definition, text, { path: ["deliverables", index, "from", at] })),
    ),
  ];
}

function checkPhase(definition: WorkflowDefinition, index: number): Complaint[] {
  const phase = definition.phases[index];
  if (phase === undefined) {
    return [];
  }
  const at = (...path: Path): Path => ["phases", index, ...path];
  const known = definition.phases.map(({ id }) => id);
  const covers = phase.gate?.covers ?? [];
  const agents = tasksOf(phase).map(({ agent }) => agent);
  const isEmpty = phase.steps.length === 0 && phase.questions.length === 0;
  return [
    ...duplicates(
      phase.steps.flatMap(({ tasks }, step) =>
        tasks.map(({ id }, number) => ({ name: id, path: at("steps", step, "tasks", number, "id") })),
      ),
    ),
    ...(isEmpty ? [complain(at("id"), `the phase "${phase.id}" neither asks nor does anything`)] : []),
    ...phase.writers.flatMap((agent, place) =>
      agents.includes(agent)
        ? []
        : [complain(at("writers", place), `"${agent}" has no task in this phase, so it cannot write in it`)],
    ),
    ...checkWritersWait(definition, index),
    ...covers.flatMap((id, place) =>
      known.indexOf(id) === -1 || known.indexOf(id) > index
        ? [complain(at("gate", "covers", place), `"${id}" is no phase that is done when this gate asks`)]
        : [],
    ),
    ...(covers.length > 0 && !covers.includes(phase.id)
      ? [complain(at("gate", "covers"), `a gate covers its own phase, so add "${phase.id}"`)]
      : []),
    ...(phase.gate?.opensWhenChecksPass === true && !tasksOf(phase).some(({ output }) => output.kind === "checks")
      ? [complain(at("gate", "opensWhenChecksPass"), "nothing in this phase is checked, so nobody would be asked")]
      : []),
    ...(phase.gate?.opensWhenChecksPass === true && tasksOf(phase).some(hasUnprovenCheck)
      ? [
          complain(
            at("gate", "opensWhenChecksPass"),
            "a gate opens by itself only for what is measured: name each check among the `sections` of its output, and how it is measured in `proofs`",
          ),
        ]
      : []),
    ...(phase.gate === undefined && phase.steps.some(({ afterGate }) => afterGate !== undefined)
      ? [complain(at("steps"), "`afterGate` needs a gate in this phase")]
      : []),
    ...phase.steps.flatMap((step, place) => [
      ...checkChoices(phase.gate, step.afterGate, at("steps", place, "afterGate")),
      ...step.tasks.flatMap((task, number) => [
        ...checkPlaceholders(definition, task.prompt, {
          path: at("steps", place, "tasks", number, "prompt"),
          before: { phase: index, step: place },
        }),
        ...checkProofs(task, at("steps", place, "tasks", number, "output", "proofs")),
        ...checkKeyFiles(task, at("steps", place, "tasks", number, "output", "keyFiles")),
      ]),
    ]),
  ];
}

/** Nobody's files are written before a person has approved something: in an earlier phase that cannot be skipped, or at the gate of this one. */
function checkWritersWait({ phases }: WorkflowDefinition, index: number): Complaint[] {
  const { writers = [], steps = [] } = phases[index] ?? {};
  if (phases.slice(0, index).some(({ gate, canSkip }) => gate !== undefined && !gate.opensWhenChecksPass && !canSkip)) {
    return [];
  }
  const early = steps.filter(({ afterGate }) => afterGate === undefined).flatMap(({ tasks }) => tasks);
  return writers.flatMap((agent, place) =>
    early.some((task) => task.agent === agent)
      ? [
          complain(
            ["phases", index, "writers", place],
            `"${agent}" would write before anything is approved: put a phase with a gate before this one, which cannot be skipped`,
          ),
        ]
      : [],
  );
}

/** Whether an agent's word would be enough for a check of a task. */
function hasUnprovenCheck({ output: { kind, sections, proofs = {} } }: TaskDefinition): boolean {
  return kind === "checks" && (sections.length === 0 || sections.some((name) => !Object.hasOwn(proofs, name)));
}

function checkProofs({ output }: TaskDefinition, path: Path): Complaint[] {
  return Object.keys(output.proofs ?? {})
    .filter((name) => output.kind !== "checks" || !output.sections.includes(name))
    .map((name) => complain([...path, name], `"${name}" is no check among the sections of this output`));
}

function checkKeyFiles({ output: { kind, keyFiles } }: TaskDefinition, path: Path): Complaint[] {
  if (keyFiles === undefined) {
    return [];
  }
  return [
    ...(kind === "notes" ? [] : [complain(path, "only notes name key files")]),
    ...(keyFiles.atLeast > keyFiles.atMost ? [complain(path, "`atLeast` is more than `atMost`")] : []),
  ];
}

function checkChoices(
  gate: WorkflowDefinition["phases"][number]["gate"],
  afterGate: readonly string[] | undefined,
  path: Path,
): Complaint[] {
  const choices = gate?.choices;
  if (afterGate === undefined || choices === "approaches") {
    return [];
  }
  const ids = choices?.map(({ id }) => id) ?? [];
  return afterGate
    .filter((choice) => !ids.includes(choice))
    .map((choice) => complain(path, `"${choice}" is no choice of this phase's gate`));
}

function checkPlaceholders(
  { phases }: WorkflowDefinition,
  text: string,
  place: { path: Path; before?: { phase: number; step: number } },
): Complaint[] {
  const { path, before } = place;
  const misspelt = findMisspelt(text).map((whole) =>
    complain(path, `${whole} is no placeholder: the output of an agent of phase 1 is {phase1.name-of-agent.output}`),
  );
  const unknown = findPlaceholders(text).flatMap(({ phase, agent, whole }) => {
    const steps = phases[phase - 1]?.steps ?? [];
    const earlier = before?.phase === phase - 1 ? steps.slice(0, before.step) : steps;
    const isLater = before !== undefined && phase - 1 > before.phase;
    const agents = isLater ? [] : earlier.flatMap(({ tasks }) => tasks.map((task) => task.agent));
    return agents.includes(agent)
      ? []
      : [complain(path, `${whole} names no output that is there by then${adviseOutput(phase, agents)}`)];
  });
  return [...misspelt, ...unknown];
}

function adviseOutput(phase: number, agents: readonly string[]): string {
  const known = [...new Set(agents)].map((agent) => `{phase${phase}.${agent}.output}`);
  return known.length === 0 ? "" : `: there is ${known.join(", ")}`;
}

/** Of names that tell things apart, each one that stands before already. */
function duplicates(named: readonly { name: string; path: Path }[]): Complaint[] {
  const names = named.map(({ name }) => name);
  return named
    .filter(({ name }, index) => names.indexOf(name) !== index)
    .map(({ name, path }) =>
      complain(path, `the ${String(path.at(-1))} "${name}" is taken by another one above: each needs its own`),
    );
}

function complain(path: Path, message: string): Complaint {
  return { path, message: `${capitalized(message)}.` };
}

function problem(range: TextRange, message: string): Problem {
  return { code: "workflow", severity: "error", message, range };
}

/** Says of a file that another one has its name and is used instead. */
export function takenNameProblem(text: string, name: string, other: string): Problem {
  const line = Math.max(0, text.search(/^name:/m));
  return problem(
    rangeBetween(text, line, endOfLine(text, line)),
    `This file is not used: ${other} has the name "${name}" too. Give this workflow another name.`,
  );
}

/** Says of a file why its text is not known. */
export function unreadableProblem(reason: string): Problem {
  return problem(wholeLine(""), reason);
}

function wholeLine(text: string): TextRange {
  return rangeBetween(text, 0, endOfLine(text, 0));
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}
