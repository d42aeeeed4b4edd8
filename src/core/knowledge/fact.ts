import type { Problem } from "../base/problems.ts";

/** What the instructions of the agents may ask about a project, by the names of their placeholders. */
export const PLACEHOLDERS = [
  "tech_stack",
  "ml_framework",
  "metaflow_version",
  "flows_dirs",
  "training_dirs",
  "data_dirs",
  "model_dirs",
  "config_dirs",
  "execution_environment",
  "run_flow_command",
  "resume_flow_command",
  "show_results_command",
  "list_runs_command",
  "deploy_flow_command",
  "train_command",
  "resume_command",
  "validate_command",
  "tensorboard_command",
] as const;

/** The file in which a person says what nothing else in the workspace tells. */
export const FACTS_FILE = ".trainyard/facts.yaml";

export type Placeholder = (typeof PLACEHOLDERS)[number];

export type FactKey = Placeholder | "python_version" | "training_script" | "flow";

/** From what a person set, over what is written down by tools and people, to what names and patterns suggest. */
export type Confidence = "set" | "locked" | "installed" | "declared" | "imported" | "likely";

export type FactSource = {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  /** Counts from zero; absent where the whole file or folder is the proof. */
  line?: number;
};

/** Something that was read in the workspace, with the place that proves it. */
export type Fact = {
  key: FactKey;
  /** "torch 2.13.0", "checkpoints", "make train". */
  value: string;
  /** The end of "this is so, because …": "locked", "runs python train.py". */
  why: string;
  /** Absent for what was set in the editor's settings. */
  source?: FactSource;
  confidence: Confidence;
  /** The extra or dependency group that asks for a package; absent for what the project itself needs. */
  group?: string;
};

/** What nothing in the workspace tells, and what would. */
export type UnknownFact = { key: Placeholder; hint: string };

/**
 * Two statements that cannot both be true of one run, as a sentence, with the places of both; `information` where they
 * may be about different runs.
 */
export type FactConflict = {
  message: string;
  severity: "warning" | "information";
  sources: readonly FactSource[];
};

export type FileProblem = Problem & { path: string };

export type WorkspaceFacts = {
  facts: readonly Fact[];
  unknown: readonly UnknownFact[];
  conflicts: readonly FactConflict[];
  problems: readonly FileProblem[];
  /** Why something was left out, as sentences for people. */
  omissions: readonly string[];
};

export function isPlaceholder(name: string): name is Placeholder {
  const names: readonly string[] = PLACEHOLDERS;
  return names.includes(name);
}

/** The place as people read it, counting lines from one: `requirements.txt:3`. */
export function formatSource({ path, line }: FactSource): string {
  return line === undefined ? path : `${path}:${line + 1}`;
}
