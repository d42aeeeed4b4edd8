import { oneLine } from "../base/markdown.ts";
import type { StaticFinding } from "./staticFinding.ts";
import { type Finding, type TaskOutput, UNKNOWN } from "./taskOutput.ts";
import { FORECASTING, fillRisks, problemOf } from "./templateRisks.ts";
import type { TaskDefinition } from "./workflowDefinition.ts";
import type { WorkflowState } from "./workflowState.ts";
import { tellWorkSoFar } from "./workSoFar.ts";

/*
 * What a phase is filled with when no language model is at work: what the person has answered, what was read in the
 * workspace, and a question for the person where neither says anything. Nothing is made up.
 */

/** Something that was read in the workspace: `{ topic: "ml_framework", text: "torch 2.13.0", where: "requirements.txt:3" }`. */
export type KnownFact = { topic: string; text: string; where: string };

type Known = {
  state: WorkflowState;
  facts: readonly KnownFact[];
  /** For tasks that start from them; empty for others. */
  checks: readonly StaticFinding[];
};

/** Whatever of the answers, the configuration and the facts belongs under a heading, by their keys. */
const TOPICS: readonly [heading: RegExp, topics: readonly string[]][] = [
  [
    /existing code|target files|entry|implementation/i,
    ["training_script", "flow", "train_command", "run_flow_command"],
  ],
  [/convention|framework|model$/i, ["tech_stack", "ml_framework", "python_version"]],
  [/\bsource|training data|data loading/i, ["data", "data_dirs", "data_source"]],
  [/data loading/i, ["data_loading"]],
  [/preprocessing|^validation$|experiment design/i, ["split"]],
  [/\bfeature/i, ["feature_store"]],
  [/schema|training data/i, ["schema"]],
  [/missing|data quality/i, ["missing_values"]],
  [/outlier|data quality/i, ["outliers"]],
  [/imbalance|data quality/i, ["imbalance"]],
  [/correlat|data quality/i, ["correlation"]],
  [/train(?!ing data)/i, ["training_script", "train_command"]],
  [/hyperparameter|configuration/i, ["config_dirs", "hyperparameters"]],
  [/^training$/i, ["hyperparameters"]],
  [/orchestration|workload/i, ["orchestration", "flow", "run_flow_command"]],
  [/tracking|comparison/i, ["experiment_tracking", "tensorboard_command"]],
  [/checkpoint|registry|version/i, ["model_dirs"]],
  [/checkpoint/i, ["resume_command"]],
  [/resource|infrastructure|cluster/i, ["execution_environment"]],
  [/resource|infrastructure|cluster|cost/i, ["cloud_provider"]],
  [/metric|evaluation|baseline|model requirements|experiment design/i, ["successMetrics", "validate_command"]],
  [/serving|deploy|intended use/i, ["deployment", "serving_platform", "deployment_mode"]],
  [/monitor|alert|drift/i, ["monitoring_stack"]],
  [/limit|risk|constraint/i, ["constraints"]],
  [/reproduc/i, ["training_script", "train_command", "tech_stack"]],
];

/** Topics that are what the heading above them says: naming them again would say it twice. */
const NAMED_BY_HEADING = new Set(["schema", "missing_values", "outliers", "imbalance", "correlation"]);

const MAX_FACTS_PER_TOPIC = 8;

/**
 * The output of a task that code can give without a model; undefined for work that only a person or a model can do: writing
 * files and running checks.
 */
export function fillTemplate(task: TaskDefinition, known: Known): TaskOutput | undefined {
  switch (task.output.kind) {
    case "notes":
      return fillNotes(task, known);
    case "risks":
      return { kind: "risks", risks: fillRisks(task, known.state, known.checks) };
    case "approach":
      return fillApproach(task, known);
    case "findings":
      return {
        kind: "findings",
        findings: known.checks.map(toFinding),
        checked: task.usesChecks
          ? READ_BY_RULES
          : `_${UNKNOWN} Nobody has looked at this: it takes a language model, or you._`,
      };
    case "checks":
    case "files":
      break;
  }
  return undefined;
}

const READ_BY_RULES =
  "the Python files of this workspace, by the rules for machine-learning code (leakage, evaluation, reproducibility). They were read and not run.";

/** Begins what was filled in by code, and stands once in each document. */
export const FILLED_IN =
  "Filled in without a language model, from your answers and what was read in the workspace. What is missing is yours to add.";

/** The same of approaches, whose ratings look like results. */
export const USUAL_POINTS = "The points are what is usual for such an approach; nothing was measured here.";

/** How many sections of a document still say that nothing is known: what an approval would cover and nobody has written. */
export function countUnknown(text: string): number {
  return text.split(`_${UNKNOWN}`).length - 1;
}

function fillNotes(task: TaskDefinition, known: Known): TaskOutput {
  const said = new Map<string, string>();
  const sections = task.output.sections.map((heading) => {
    const lines = linesFor(heading, known);
    const fresh = lines.filter((line) => !said.has(line));
    const above = [...new Set(lines.flatMap((line) => said.get(line) ?? []))];
    for (const line of fresh) {
      said.set(line, heading);
    }
    // What only touches on a heading and stands in another section does not answer it.
    const isAnswered = fresh.length > 0 || linesAbout(heading, known.state).length > 0;
    const pointer = `_${isAnswered ? "More of it" : "What touches on it"} stands under ${above.map((each) => `"${each}"`).join(" and ")}._`;
    const own = isAnswered ? fresh.map((line) => `- ${line}`).join("\n") : UNKNOWN_SECTION;
    const text = [own, above.length > 0 ? pointer : ""].filter((part) => part !== "");
    return { heading, text: text.join("\n\n") };
  });
  const files = known.facts.filter(({ topic, where }) => ["training_script", "flow"].includes(topic) && where !== "");
  return {
    kind: "notes",
    summary: FILLED_IN,
    sections,
    keyFiles: files.slice(0, 10).map(({ text, topic, where }) => ({
      path: where,
      reason: withoutPlace(topic.replaceAll("_", " "), text, where),
    })),
  };
}

/** Nothing in the answers or in the workspace says anything about it. */
const UNKNOWN_SECTION = `_${UNKNOWN} Write it here._`;

/** `flow DigitsFlow`, and `training script` where the text says no more than the place. */
function withoutPlace(name: string, text: string, where: string): string {
  return text === where ? name : `${name} ${text}`;
}

function linesFor(heading: string, { state, facts }: Known): string[] {
  const topics = new Set(TOPICS.flatMap(([pattern, keys]) => (pattern.test(heading) ? keys : [])));
  const said = { ...state.answers, ...state.configuration };
  const fromTopics = [...topics].flatMap((topic) => {
    const answer = said[topic];
    const read = facts.filter((fact) => isAbout(fact, topic)).slice(0, MAX_FACTS_PER_TOPIC);
    const isNamed = NAMED_BY_HEADING.has(topic) && topics.size === 1;
    const name = isNamed ? "" : `${nameTopic(topic)}: `;
    return [
      ...(answer === undefined || answer === "" ? [] : [`${name}${oneLine(answer, 1_000)} (your answer)`]),
      ...tellFacts(read).map((text) => `${name}${text}`),
    ];
  });
  return [...linesAbout(heading, state), ...fromTopics];
}

/** What was said or done about this very heading. */
function linesAbout(heading: string, state: WorkflowState): string[] {
  return [...tellWorkSoFar(heading, state), ...fromCapsule(heading, state)];
}

/** Packages that do nothing else. */
const TRACKERS = /^(?:tensorboard|mlflow|wandb|neptune|clearml|comet[_-]ml|aim) /i;

function isAbout({ topic, text }: KnownFact, asked: string): boolean {
  return topic === asked || (asked === "experiment_tracking" && topic === "tech_stack" && TRACKERS.test(text));
}

/** Where packages lie that an environment holds, below the environment. */
const PACKAGES = /^(.*?)[\\/]lib(?:64)?[\\/](?:python[\d.]+[\\/])?site-packages[\\/]/i;

/** Each with its place; what one environment holds stands in one line, since its places say no more than its name. */
function tellFacts(facts: readonly KnownFact[]): string[] {
  const environments = new Map<string, string[]>();
  const others = facts.flatMap(({ text, where }) => {
    const environment = PACKAGES.exec(where)?.[1];
    if (environment === undefined) {
      return [`${text}${where === "" || text.includes(where) ? "" : ` (${where})`}`];
    }
    environments.set(environment, [...(environments.get(environment) ?? []), text]);
    return [];
  });
  return [...others, ...[...environments].map(([name, texts]) => `${texts.join(", ")} (installed in ${name})`)];
}

/** `success metrics` of `successMetrics`, `ML framework` of `ml_framework`. */
function nameTopic(topic: string): string {
  const words = topic.replaceAll(/_|(?=[A-Z])/g, " ").toLowerCase();
  return words.replace(/^ml\b/, "ML");
}

/** A capsule answers what the first phase would have asked. */
function fromCapsule(heading: string, { capsule }: WorkflowState): string[] {
  const said = [
    { pattern: /open question/i, lines: capsule?.openQuestions },
    { pattern: /metric|evaluation|baseline/i, lines: capsule?.successCriteria },
    { pattern: /limit|risk|constraint/i, lines: capsule?.constraints },
  ];
  return said
    .filter(({ pattern }) => pattern.test(heading))
    .flatMap(({ lines }) => (lines ?? []).map((line) => `${oneLine(line, 1_000)} (from the capsule)`));
}

/** How sure a rule is of itself: what it only hints at stays below what is reported. */
const CONFIDENCE = { error: 95, warning: 90, information: 60 } as const;
const SEVERITY = { error: "critical", warning: "high", information: "low" } as const;

/** `No seed is set here, so… Set one: …` is a detail and its repair. */
function toFinding({ rule, severity, message, where, isSilenced }: StaticFinding): Finding {
  const sentences = message.split(/(?<=[.:])\s+(?=[A-Z])/);
  const fix = sentences.length > 1 ? sentences.slice(1).join(" ") : message;
  return {
    title: rule,
    // Whoever silenced it has looked at it: it is kept, and stays below what is reported.
    severity: SEVERITY[isSilenced ? "information" : severity],
    confidence: CONFIDENCE[isSilenced ? "information" : severity],
    evidence: where,
    detail: `${sentences[0] ?? message}${isSilenced ? " (Silenced by a comment in the file.)" : ""}`,
    fix,
  };
}

type UsualModels = readonly [baseline: string, best: string, pragmatic: string];

const CLASSIFIERS: UsualModels = [
  "the majority class, and a regularised linear model",
  "a fine-tuned pretrained network or an ensemble",
  "gradient-boosted trees, or a small network",
];

/** What is usual for a kind of problem, by whole words, from the simplest to the most demanding. */
const USUAL_MODELS: readonly [problem: RegExp, models: UsualModels][] = [
  [/\bclassif/i, CLASSIFIERS],
  [
    FORECASTING,
    [
      "the last value, and a seasonal average",
      "a pretrained or attention-based forecaster",
      "gradient-boosted trees on lagged features",
    ],
  ],
  [/\banomal/i, ["a threshold on a robust z-score", "a reconstruction model on raw inputs", "an isolation forest"]],
  [
    /\bclustering\b|^cluster\b/i,
    [
      "k-means on scaled features",
      "clusters of learned representations",
      "a Gaussian mixture with a chosen number of parts",
    ],
  ],
  [
    /(?<!-)\brank(?:ing|ed)?\b|\brecommend/i,
    ["popularity", "a two-tower network with a re-ranker", "gradient-boosted trees with a ranking loss"],
  ],
  [
    /(?<!-)\bgenerat(?:e|es|ing|ion|ive)\b/i,
    [
      "retrieval of the nearest example",
      "a fine-tuned large pretrained model",
      "a small pretrained model with adapters",
    ],
  ],
  [
    /\bregress/i,
    ["a regularised linear model", "an ensemble, or a deep network on raw inputs", "gradient-boosted trees"],
  ],
  [/(?:)/, CLASSIFIERS],
];

const LEVELS = [
  {
    pattern: /baseline|simple/i,
    index: 0,
    ratings: { performance: 2, simplicity: 5, thrift: 5 },
    cost: "Quick to build and to explain; a floor that everything else has to beat.",
  },
  {
    pattern: /state|best|art/i,
    index: 1,
    ratings: { performance: 5, simplicity: 1, thrift: 1 },
    cost: "The best result for the most time, data and hardware.",
  },
  {
    pattern: /./,
    index: 2,
    ratings: { performance: 4, simplicity: 4, thrift: 4 },
    cost: "Most of the result for a fraction of the effort.",
  },
] as const;

function fillApproach(task: TaskDefinition, { state, facts }: Known): TaskOutput {
  const models = USUAL_MODELS.find(([pattern]) => pattern.test(problemOf(state)))?.[1];
  const level = LEVELS.find(({ pattern }) => pattern.test(task.title)) ?? LEVELS[2];
  const frameworks = facts.filter(({ topic }) => topic === "ml_framework").map(({ text }) => text);
  const limits = [state.answers["constraints"] ?? "", ...(state.capsule?.constraints ?? [])].filter(Boolean).join("; ");
  return {
    kind: "approach",
    name: task.title,
    architecture: `Usual here: ${models?.[level.index] ?? "to be chosen"}.${frameworks.length === 0 ? "" : ` The project uses ${frameworks.join(" and ")}.`}`,
    inputsAndOutputs: state.answers["data"] ?? notKnown("Shapes, types and units on both sides."),
    training: notKnown("Loss, optimizer, schedule, and when to stop."),
    inference: state.answers["deployment"] ?? notKnown("Where and how often it runs."),
    resources: `${/^(?:none known)?$/.test(limits) ? "" : `What limits it: ${oneLine(limits, 1_000)}. `}${notKnown("Memory, time and hardware.")}`,
    ratings: level.ratings,
    tradeOffs: level.cost,
  };
}

function notKnown(what: string): string {
  return `_${UNKNOWN} ${what}_`;
}
