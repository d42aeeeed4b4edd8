import { AGENT_KEYS, type AgentKey, HANDOFF_KEYS, keysOf } from "../agents/agentKeys.ts";
import { type AgentDialect, CLAUDE_MODELS, CLAUDE_TOOLS, VSCODE_AGENTS } from "../agents/dialect.ts";
import type { Cursor } from "../agents/frontMatterCursor.ts";
import { MCP_SERVER_NAMES } from "../agents/mcpServers.ts";
import { escapeSentence, inlineCode } from "../base/markdown.ts";
import { TRIGGER_EXAMPLES } from "../knowledge/triggers/triggerExamples.ts";

/** A word with what it means, in one line. */
export type Word = { name: string; meaning: string };

/** What can be named in an agent file of this window. */
export type Lexicon = {
  dialect: AgentDialect;
  /** Whether VS Code completes the words that it reads itself, as it does in files of its language for agents. */
  hasNativeCompletion: boolean;
  agents: readonly Word[];
  tools: readonly Word[];
  models: readonly Word[];
  /** Facts by the names of their placeholders, with what each would be replaced by. */
  placeholders: readonly Word[];
};

export type Suggestion = {
  kind: "key" | "agent" | "tool" | "model" | "trigger" | "placeholder" | "value";
  label: string;
  meaning: string;
  /** A snippet: `$0` is where the writing goes on. */
  snippet: string;
};

/** What can stand at a place of an agent file. */
export function completeAgent(cursor: Cursor, lexicon: Lexicon): Suggestion[] {
  switch (cursor.kind) {
    case "key":
      return keysAt(cursor, lexicon).map((key) => ({
        kind: "key",
        label: key.key,
        meaning: describeKey(key),
        snippet: cursor.hasColon ? key.key : `${key.key}:${indented(key.value, cursor)}`,
      }));
    case "placeholder":
      return words("placeholder", lexicon.placeholders).map((each) => ({ ...each, snippet: `${each.label}\\}` }));
    case "value":
      break;
  }
  return valuesAt(cursor, lexicon);
}

/** Keys of a handoff stand deeper, and so does what follows them. */
function indented(value: string, { of }: { of: "agent" | "handoff" }): string {
  return of === "handoff" ? value.replaceAll("\n", "\n    ") : value;
}

function keysAt(cursor: Cursor & { kind: "key" }, { dialect, hasNativeCompletion }: Lexicon): readonly AgentKey[] {
  const host = dialect === "claude" ? "Claude Code" : "VS Code";
  const keys =
    cursor.of === "handoff"
      ? HANDOFF_KEYS
      : keysOf(dialect).filter(({ readBy }) => !(hasNativeCompletion && readBy.includes(host)));
  return keys.filter(({ key }) => !cursor.present.includes(key));
}

function valuesAt({ key, of }: Cursor & { kind: "value" }, lexicon: Lexicon): Suggestion[] {
  const isClaude = lexicon.dialect === "claude";
  const values: Readonly<Record<string, () => Suggestion[]>> = {
    tools: () => words("tool", isClaude ? named(CLAUDE_TOOLS, "A tool of Claude Code") : lexicon.tools),
    disallowedTools: () => words("tool", named(CLAUDE_TOOLS, "A tool of Claude Code")),
    model: () => words("model", isClaude ? named(CLAUDE_MODELS, "A model of Claude Code") : lexicon.models),
    agents: () => words("agent", lexicon.agents),
    agent: () => words("agent", [...lexicon.agents, ...named(VSCODE_AGENTS, "Comes with VS Code")]),
    extends: () => words("agent", lexicon.agents),
    mcp: () => words("value", named(MCP_SERVER_NAMES, "An MCP server")),
    triggers: () => words("trigger", named(TRIGGER_EXAMPLES, "Is looked for in the workspace")),
    send: () => words("value", SENDS),
  };
  const isElsewhere = of === "agent" && (key === "agent" || key === "send");
  const isNative = lexicon.hasNativeCompletion && (key === "tools" || key === "model");
  if (isElsewhere || isNative) {
    return [];
  }
  return Object.hasOwn(values, key) ? (values[key]?.() ?? []) : words("value", wordsOf(key, of));
}

/** The words that a value can be one of. */
function wordsOf(key: string, of: "agent" | "handoff"): Word[] {
  const { form, summary } = (of === "handoff" ? HANDOFF_KEYS : AGENT_KEYS).find((each) => each.key === key) ?? {};
  const choices = form === "flag" ? ["true", "false"] : Array.isArray(form) ? form : [];
  return named(choices, summary ?? "");
}

const SENDS: readonly Word[] = [
  { name: "false", meaning: "Fills the input box and waits" },
  { name: "true", meaning: "Sends the prompt at once" },
];

function named(names: readonly string[], meaning: string): Word[] {
  return names.map((name) => ({ name, meaning }));
}

function words(kind: Suggestion["kind"], list: readonly Word[]): Suggestion[] {
  const distinct = new Map(list.map((word) => [word.name, word]));
  return [...distinct.values()].map(({ name, meaning }) => ({
    kind,
    label: name,
    meaning,
    snippet: name.replaceAll(/[\\$}]/g, String.raw`\$&`),
  }));
}

/** What the word under a pointer means, as Markdown; nothing for free text. Triggers have evidence of their own. */
export function explainAgentWord(cursor: Cursor, lexicon: Lexicon): string | undefined {
  if (cursor.kind === "key") {
    const key = (cursor.of === "handoff" ? HANDOFF_KEYS : AGENT_KEYS).find((each) => each.key === cursor.written);
    return key && `**${key.key}**: ${describeKey(key)}`;
  }
  const list = cursor.kind === "placeholder" ? lexicon.placeholders : listOf(cursor, lexicon);
  const word = list?.find(({ name }) => name === cursor.written);
  return word && `${inlineCode(word.name)}: ${escapeSentence(word.meaning)}`;
}

function listOf({ key }: Cursor & { kind: "value" }, lexicon: Lexicon): readonly Word[] | undefined {
  const lists: Readonly<Record<string, readonly Word[]>> = {
    tools: lexicon.tools,
    model: lexicon.models,
    agent: lexicon.agents,
    agents: lexicon.agents,
    extends: lexicon.agents,
  };
  return Object.hasOwn(lists, key) ? lists[key] : undefined;
}

function describeKey({ summary, readBy }: AgentKey): string {
  const readers = readBy.length === 1 ? readBy[0] : `${readBy.slice(0, -1).join(", ")} and ${readBy.at(-1)}`;
  return `${summary} Read by ${readers}.`;
}
