import type { Problem, TextRange } from "../base/problems.ts";
import type { Boundary } from "./boundaries.ts";

/** A button under an answer that passes the work to another agent. */
export type Handoff = {
  label: string;
  /** The target agent's name. */
  agent: string;
  prompt: string;
  /** True sends the prompt at once, false fills the input box and waits. */
  send: boolean;
  /** Keys that have no field here, such as `model`, as they were written. */
  extra?: Readonly<Record<string, unknown>>;
};

export type AgentDefinition = {
  name: string;
  description: string;
  /** Preferred models, best first; empty: whatever the person picked. */
  models: readonly string[];
  /** What it may use: an empty list is nothing, no list is all that its host gives to every agent. */
  tools: readonly string[] | undefined;
  handoffs: readonly Handoff[];
  triggers: readonly string[];
  /** What it always does, asks about first, and never does. */
  boundaries: readonly Boundary[];
  /** Front matter that has no field here, as it was written. */
  extra: Readonly<Record<string, unknown>>;
  /** The instructions: everything below the front matter. */
  body: string;
};

/** What to write instead, where only one thing can have been meant. */
export type AgentFix = { title: string; range: TextRange; text: string };

export type AgentProblem = Problem & { fix?: AgentFix };

/** Where in the text the parts stand that other files are checked against; lists are in the order of the definition's. */
export type AgentRanges = {
  name: TextRange;
  handoffTargets: readonly TextRange[];
  models: readonly TextRange[];
  tools: readonly TextRange[];
  /** Tools that Claude Code keeps from the agent. */
  disallowedTools: { items: readonly string[]; ranges: readonly TextRange[] };
  /** Agents that this one may start, or may not. A range without `isExact` holds more than the name. */
  subagents: readonly { name: string; range: TextRange; isExact: boolean }[];
  triggers: readonly TextRange[];
  extends: TextRange;
  mcp: readonly TextRange[];
  /** Names in braces in the instructions: `{train_command}`. */
  placeholders: readonly { name: string; range: TextRange }[];
};

/** `definition` is absent only where not even a name could be read; `ranges` is there whenever it is. */
export type ParsedAgent = { definition?: AgentDefinition; ranges?: AgentRanges; problems: readonly AgentProblem[] };
