import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import {
  FACTS_FILE,
  type Fact,
  type FactConflict,
  type FactKey,
  type FactSource,
  type FileProblem,
  formatSource,
  type UnknownFact,
  type WorkspaceFacts,
} from "./fact.ts";

const TITLES: Readonly<Record<FactKey, string>> = {
  ml_framework: "Frameworks",
  metaflow_version: "Metaflow",
  tech_stack: "Tools",
  python_version: "Python",
  execution_environment: "Runs on",
  training_script: "Training scripts",
  flow: "Flows",
  flows_dirs: "Flow folders",
  training_dirs: "Training folders",
  data_dirs: "Data",
  model_dirs: "Checkpoints",
  config_dirs: "Configuration",
  run_flow_command: "Run a flow",
  resume_flow_command: "Resume a flow",
  show_results_command: "Show results",
  list_runs_command: "List runs of a flow",
  deploy_flow_command: "Deploy a flow",
  train_command: "Train",
  resume_command: "Resume a training",
  validate_command: "Validate",
  tensorboard_command: "TensorBoard",
};

/** More of one kind are counted and not listed. */
const MAX_PER_KEY = 12;
const MAX_BRIEF = 3;
const MAX_BRIEF_CHARACTERS = 60;

export type RenderedFacts = {
  markdown: string;
  /** The places the facts were read from, each once, for links. */
  references: readonly FactSource[];
};

/** Whether a problem or a conflict asks for a change; the rest are remarks. */
export function isSerious({ severity }: Pick<FileProblem | FactConflict, "severity">): boolean {
  return severity !== "information";
}

/**
 * Facts by kind, each with its place and why; then conflicts, problems, remarks, and the names of what is not known.
 * `brief` has a line for each kind, for an answer that is read from its beginning: a chat shows the end of a long one.
 * `terminal` is all of it for somebody who has no palette before them.
 */
export function renderFactsMarkdown(
  { facts, unknown, conflicts, problems, omissions }: WorkspaceFacts,
  style: "full" | "brief" | "terminal" = "full",
): RenderedFacts {
  const maxLines = style === "brief" ? MAX_BRIEF : MAX_PER_KEY;
  const section = (title: string, lines: readonly string[]) => renderSection(title, lines, maxLines);
  const keys = [...new Set(facts.map(({ key }) => key))];
  const groups = keys.map((key) => facts.filter((fact) => fact.key === key));
  const sections = style === "brief" ? [groups.map(renderBriefly)] : groups.map(renderGroup);
  const [nothing, settings] = style === "terminal" ? TERMINAL_ADVICE : EDITOR_ADVICE;
  const parts = [
    ...(facts.length === 0 ? [[`${NOTHING} ${nothing}`]] : sections),
    section("Conflicts", conflicts.filter(isSerious).map(renderConflict)),
    section("Problems", problems.filter(isSerious).map(renderProblem)),
    section("Remarks", [
      ...conflicts.filter((conflict) => !isSerious(conflict)).map(renderConflict),
      ...problems.filter((problem) => !isSerious(problem)).map(renderProblem),
    ]),
    section("Left out", omissions),
    facts.length === 0 ? [] : renderUnknown(unknown, usesMetaflow(facts), settings),
  ];
  const references = new Map(
    groups.flatMap((group) =>
      group.slice(0, MAX_PER_KEY).flatMap(({ source }) => (source ? [[formatSource(source), source] as const] : [])),
    ),
  );
  const markdown = parts.filter((part) => part.length > 0).map((part) => part.join("\n"));
  return { markdown: `${markdown.join("\n\n")}\n`, references: [...references.values()] };
}

const NOTHING = "Nothing about machine learning was found in this workspace: no framework, training script or flow.";

/** How to begin where there is nothing, and which settings set a fact. */
const EDITOR_ADVICE = [
  "Begin with **New Training Script** or **New Metaflow Flow**.",
  "the settings `trainyard.facts.*`",
] as const;
const TERMINAL_ADVICE = [
  "Name the folder of a project, or begin one in VS Code with **Trainyard: New Training Script**.",
  "`.vscode/settings.json` as `trainyard.facts.*`",
] as const;

/** Facts that mean something to somebody who uses Metaflow. */
const METAFLOW_KEYS: readonly FactKey[] = [
  "metaflow_version",
  "flow",
  "flows_dirs",
  "run_flow_command",
  "resume_flow_command",
  "show_results_command",
  "list_runs_command",
  "deploy_flow_command",
];

function usesMetaflow(facts: readonly Fact[]): boolean {
  return facts.some(({ key }) => METAFLOW_KEYS.includes(key));
}

function renderGroup(group: readonly Fact[]): string[] {
  return renderSection(titleOf(group), group.map(renderFact), MAX_PER_KEY);
}

/** The surest of one kind on one line, each with its place; of a command there is one. */
function renderBriefly(group: readonly Fact[]): string {
  const count = group[0]?.key.endsWith("_command") === true ? 1 : MAX_BRIEF;
  const shown = group.slice(0, count).map((fact) => {
    const place = fact.confidence === "installed" ? fact.why : placeOf(fact);
    return `${valueOf(fact, MAX_BRIEF_CHARACTERS)}${place === undefined ? "" : ` (${place})`}`;
  });
  const more = group.length > count ? `, and ${group.length - count} more` : "";
  return `- **${titleOf(group)}**: ${shown.join(", ")}${more}`;
}

function titleOf([first]: readonly Fact[]): string {
  return TITLES[first?.key ?? "tech_stack"];
}

/** By the names under which they can be set, on one line. */
function renderUnknown(unknown: readonly UnknownFact[], hasMetaflow: boolean, settings: string): string[] {
  const names = unknown.map(({ key }) => key).filter((key) => hasMetaflow || !METAFLOW_KEYS.includes(key));
  return names.length === 0
    ? []
    : [
        `**Not known**: ${names.map((name) => inlineCode(name)).join(", ")}. Set what matters in \`${FACTS_FILE}\` or in ${settings}.`,
      ];
}

function renderSection(title: string, lines: readonly string[], maxLines: number): string[] {
  const shown = lines.slice(0, maxLines).map((line) => `- ${line}`);
  const more = lines.length > maxLines ? [`- and ${lines.length - maxLines} more`] : [];
  return lines.length === 0 ? [] : [`**${title}**`, "", ...shown, ...more];
}

function renderConflict({ message }: FactConflict): string {
  return escapeMarkdown(message);
}

function renderProblem({ path, range, message }: FileProblem): string {
  return `${inlineCode(formatSource({ path, line: range.start.line }))} · ${escapeMarkdown(message)}`;
}

function renderFact(fact: Fact): string {
  return [valueOf(fact), escapeMarkdown(fact.why), placeOf(fact)].filter((part) => part !== undefined).join(" · ");
}

function valueOf({ key, value }: Fact, maxCharacters?: number): string {
  const isCode = key.endsWith("_command") || key.endsWith("_dirs") || value.includes("/");
  return isCode ? inlineCode(value, maxCharacters) : escapeMarkdown(value);
}

/** A folder proves itself: its path would only be said twice. */
function placeOf({ value, source }: Fact): string | undefined {
  return source === undefined || formatSource(source) === value ? undefined : inlineCode(formatSource(source));
}
