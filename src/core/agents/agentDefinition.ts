import type { Problem } from "../base/problems.ts";

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
  /** The instructions: everything below the front matter. */
  body: string;
};

/** `definition` is absent only where not even a name could be read. */
export type ParsedAgent = { definition?: AgentDefinition; problems: readonly Problem[] };
