import { maskSecrets } from "../base/secrets.ts";
import { commandFacts, scriptCommands, scriptsOf } from "./commandFacts.ts";
import { type Evidence, statementsOf } from "./evidence.ts";
import {
  type Confidence,
  FACTS_FILE,
  type Fact,
  type FileProblem,
  PLACEHOLDERS,
  type Placeholder,
  type UnknownFact,
  type WorkspaceFacts,
} from "./fact.ts";
import { settingFacts } from "./factOverrides.ts";
import { environmentFacts, flowFacts } from "./flowFacts.ts";
import { layoutFacts } from "./layoutFacts.ts";
import { mergePackages } from "./mergePackages.ts";
import { distanceOf, isAside } from "./nearness.ts";
import { pythonConflicts } from "./pythonConflicts.ts";

/** Everything that is known about a workspace folder, what is not, and what contradicts itself. */
export function resolveFacts(
  evidence: Evidence,
  fromFile: { facts: readonly Fact[]; omissions: readonly string[] },
): WorkspaceFacts {
  const packages = mergePackages(evidence);
  const set = [...fromFile.facts, ...settingFacts(evidence.settings)];
  const read = [
    ...packages.facts,
    ...pythonFacts(evidence),
    ...trainingScripts(evidence),
    ...flowFacts(evidence),
    ...environmentFacts(evidence),
    ...commandFacts(evidence),
    ...scriptCommands(evidence),
    ...layoutFacts(evidence),
  ];
  const facts = orderFacts(distinct(withoutOverridden(set, read))).map(withoutSecrets);
  return {
    facts,
    unknown: unknownFacts(facts),
    conflicts: [...pythonConflicts(evidence), ...packages.conflicts],
    problems: problemsOf(evidence).map((problem) => ({ ...problem, message: maskSecrets(problem.message) })),
    omissions: fromFile.omissions,
  };
}

/** Facts are shown, printed and told to a model. */
function withoutSecrets(fact: Fact): Fact {
  return { ...fact, value: maskSecrets(fact.value), why: maskSecrets(fact.why) };
}

/** What a person set replaces what was read; the file in the workspace counts before the settings. */
function withoutOverridden(set: readonly Fact[], read: readonly Fact[]): Fact[] {
  const inFile = new Set(set.filter(({ source }) => source !== undefined).map(({ key }) => key));
  const chosen = set.filter(({ key, source }) => source !== undefined || !inFile.has(key));
  const keys = new Set(chosen.map(({ key }) => key));
  return [...chosen, ...read.filter(({ key }) => !keys.has(key))];
}

/** Of the same statement, the one with the better proof. */
function distinct(facts: readonly Fact[]): Fact[] {
  const kept = new Map<string, Fact>();
  for (const fact of facts) {
    const id = `${fact.key}\0${fact.value}`;
    const known = kept.get(id);
    if (known === undefined || rankOf(fact) < rankOf(known)) {
      kept.set(id, fact);
    }
  }
  return [...kept.values()];
}

const CONFIDENCES: readonly Confidence[] = ["set", "locked", "installed", "declared", "imported", "likely"];

function rankOf({ confidence }: Fact): number {
  return CONFIDENCES.indexOf(confidence);
}

/**
 * By kind, the project's own needs and the surest first, what examples and foreign code say last; among equals the order
 * in which they were found.
 */
function orderFacts(facts: readonly Fact[]): Fact[] {
  return facts.toSorted(
    (a, b) => orderOf(a) - orderOf(b) || needOf(a) - needOf(b) || asideOf(a) - asideOf(b) || rankOf(a) - rankOf(b),
  );
}

function asideOf({ source }: Fact): number {
  return source !== undefined && isAside(source.path) ? 1 : 0;
}

function needOf({ group }: Fact): number {
  return group === undefined ? 0 : 1;
}

const ORDER: readonly Fact["key"][] = [
  "ml_framework",
  "metaflow_version",
  "tech_stack",
  "python_version",
  "execution_environment",
  "training_script",
  "flow",
  ...PLACEHOLDERS.filter((key) => key.endsWith("_dirs")),
  ...PLACEHOLDERS.filter((key) => key.endsWith("_command")),
];

function orderOf({ key }: Fact): number {
  return ORDER.indexOf(key);
}

function pythonFacts(evidence: Evidence): Fact[] {
  const stated = statementsOf(evidence, "python").toSorted(
    (a, b) => distanceOf(a.source.path) - distanceOf(b.source.path),
  );
  return stated.map(({ value, standing, source }) => ({
    key: "python_version",
    value,
    why: standing,
    source,
    confidence: standing,
  }));
}

function trainingScripts(evidence: Evidence): Fact[] {
  return scriptsOf(evidence, "training").map(({ reasons, source }) => ({
    key: "training_script",
    value: source.path,
    why: reasons.slice(0, 2).join(", "),
    source: { path: source.path },
    confidence: "likely",
  }));
}

/** `tech_stack` is everything a project is made with, so that a framework or a Python answers it as well. */
function unknownFacts(facts: readonly Fact[]): UnknownFact[] {
  const known = new Set(facts.map(({ key }) => key));
  const answers = (key: Placeholder) =>
    known.has(key) || (key === "tech_stack" && (known.has("ml_framework") || known.has("python_version")));
  return PLACEHOLDERS.filter((key) => !answers(key)).map((key) => ({
    key,
    hint: `${known.has("flow") ? (NO_SOUND_FLOW[key] ?? MISSING[key]) : MISSING[key]} Set \`${key}\` in \`${FACTS_FILE}\` or in the setting \`trainyard.facts.${key}\`.`,
  }));
}

const MISSING: Readonly<Record<Placeholder, string>> = {
  tech_stack: "No known package is declared or imported.",
  ml_framework: "No machine-learning framework is declared or imported.",
  metaflow_version: "Metaflow is neither declared nor installed.",
  flows_dirs: "No flow with steps was found.",
  training_dirs: "No training script and no folder called `training` was found.",
  data_dirs: "No folder is called `data` or `dataset`.",
  model_dirs: "No checkpoint and no folder for checkpoints was found.",
  config_dirs: "No configuration sets hyperparameters.",
  execution_environment: "Nothing says where code runs.",
  run_flow_command: "No flow was found.",
  resume_flow_command: "No flow was found.",
  show_results_command: "No flow was found.",
  list_runs_command: "No flow was found.",
  deploy_flow_command: "No flow says on what it runs (`@kubernetes`, `@batch`).",
  train_command: "No training script and no command that trains was found.",
  resume_command: "No training script takes an option such as `--resume`.",
  validate_command: "No script that evaluates was found.",
  tensorboard_command: "No event file and no folder for them was found.",
};

/** What to say where flows were found and none of them can run. */
const NONE_PARSES = "No flow that was found parses.";
const NO_SOUND_FLOW: Readonly<Partial<Record<Placeholder, string>>> = {
  run_flow_command: NONE_PARSES,
  resume_flow_command: NONE_PARSES,
  show_results_command: NONE_PARSES,
  list_runs_command: NONE_PARSES,
};

function problemsOf(evidence: Evidence): FileProblem[] {
  return [...evidence.readings].flatMap(([path, { problems }]) => problems.map((problem) => ({ ...problem, path })));
}

/** The text that replaces a placeholder in the instructions of an agent; says so where nothing is known. */
export function placeholderText({ facts }: Pick<WorkspaceFacts, "facts">, key: Placeholder): string {
  const keys: readonly Fact["key"][] =
    key === "tech_stack" ? ["python_version", "ml_framework", "metaflow_version", "tech_stack"] : [key];
  const own = keys.flatMap((part) => facts.filter((fact) => fact.key === part));
  // A command is one; the rest are lists.
  const values = own.map(({ key: asked, value, group }) => {
    const what = asked === "python_version" ? `Python ${value}` : value;
    return group === undefined ? what : `${what} (for ${group})`;
  });
  return values.length === 0
    ? "unknown"
    : key.endsWith("_command")
      ? (values[0] ?? "")
      : [...new Set(values)].join(", ");
}
