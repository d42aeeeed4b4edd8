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
};

export type AgentDefinition = {
  name: string;
  description: string;
  /** Preferred models, best first; empty: whatever the person picked. */
  models: readonly string[];
  tools: readonly string[];
  handoffs: readonly Handoff[];
  triggers: readonly string[];
  /** What it always does, asks about first, and never does. */
  boundaries: readonly Boundary[];
  /** Front matter that has no field here, as it was written. */
  extra: Readonly<Record<string, unknown>>;
  /** The instructions: everything below the front matter. */
  body: string;
};

/** Where in the text the parts stand that other files are checked against. */
export type AgentRanges = {
  name: TextRange;
  /** The target of each handoff, in the order of `definition.handoffs`. */
  handoffTargets: readonly TextRange[];
};

/** `definition` is absent only where not even a name could be read; `ranges` is there whenever it is. */
export type ParsedAgent = { definition?: AgentDefinition; ranges?: AgentRanges; problems: readonly Problem[] };
