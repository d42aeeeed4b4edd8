import { escapeMarkdown, inlineCode } from "../base/markdown.ts";

/** What a fact is about; the names are those of the placeholders in the instructions of the agents. */
export type FactKey =
  | "ml_framework"
  | "metaflow_version"
  | "tech_stack"
  | "python_version"
  | "training_script"
  | "training_dirs"
  | "flow"
  | "flows_dirs"
  | "model_dirs"
  | "config_dirs"
  | "data_dirs";

/** Something that was read in the workspace, with the place that proves it. */
export type WorkspaceFact = {
  key: FactKey;
  /** "torch >=2.4", "checkpoints". */
  value: string;
  /** Why, where the place alone does not say it: "named train.py, imports torch". */
  note?: string;
  source: {
    /** Relative to the workspace folder, with `/`. */
    path: string;
    /** Counts from zero; absent where the whole file or folder is the proof. */
    line?: number;
  };
  /** `certain` was written down by someone for this purpose, `likely` follows from names and patterns. */
  confidence: "certain" | "likely";
};

/** A file whose text was read. */
export type TextFile = { path: string; text: string };

/** The order in which people read facts. */
const TITLES: readonly (readonly [FactKey, string])[] = [
  ["ml_framework", "Frameworks"],
  ["metaflow_version", "Metaflow"],
  ["tech_stack", "Tools"],
  ["python_version", "Python"],
  ["training_script", "Training scripts"],
  ["training_dirs", "Training folders"],
  ["flow", "Flows"],
  ["flows_dirs", "Flow folders"],
  ["model_dirs", "Checkpoints"],
  ["config_dirs", "Configuration"],
  ["data_dirs", "Data"],
];

/** The facts without repetitions: of the same statement, the one that was written down wins. */
export function mergeFacts(facts: readonly WorkspaceFact[]): WorkspaceFact[] {
  const merged = new Map<string, WorkspaceFact>();
  for (const fact of facts) {
    const id = `${fact.key} ${fact.value}`;
    const known = merged.get(id);
    if (!known || (known.confidence === "likely" && fact.confidence === "certain")) {
      merged.set(id, fact);
    }
  }
  return [...merged.values()];
}

export type RenderedFacts = {
  markdown: string;
  /** The places the facts were read from, each once, for links. */
  references: readonly { path: string; line?: number }[];
};

/** More of one kind are counted and not listed. */
const MAX_PER_KEY = 12;

export function renderFactsMarkdown(facts: readonly WorkspaceFact[]): RenderedFacts {
  if (facts.length === 0) {
    return {
      markdown:
        "Nothing about machine learning was found in this workspace: no framework, training script or flow. " +
        "Start with “Trainyard: New Training Script…” or “Trainyard: New Metaflow Flow…”.\n",
      references: [],
    };
  }
  const shown = TITLES.flatMap(([key, title]) => {
    const own = facts.filter((fact) => fact.key === key);
    return own.length === 0 ? [] : [{ title, listed: own.slice(0, MAX_PER_KEY), more: own.length - MAX_PER_KEY }];
  });
  const sections = shown.map(({ title, listed, more }) => {
    const lines = listed.map(renderFact);
    return [`**${title}**`, "", ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
  });
  const references = new Map(
    shown.flatMap(({ listed }) => listed.map((fact) => [placeOf(fact), fact.source] as const)),
  );
  return { markdown: `${sections.join("\n\n")}\n`, references: [...references.values()] };
}

function renderFact(fact: WorkspaceFact): string {
  // A folder proves itself: its path would only be said twice.
  const place = placeOf(fact) === fact.value ? [] : [inlineCode(placeOf(fact))];
  const value = fact.value.includes("/") || place.length === 0 ? inlineCode(fact.value) : escapeMarkdown(fact.value);
  const note = fact.note === undefined ? undefined : escapeMarkdown(fact.note);
  return `- ${[value, note, ...place].filter((part) => part !== undefined).join(" · ")}`;
}

/** `requirements.txt:3`, counting from one as editors show it. */
function placeOf({ source }: WorkspaceFact): string {
  return source.line === undefined ? source.path : `${source.path}:${source.line + 1}`;
}
