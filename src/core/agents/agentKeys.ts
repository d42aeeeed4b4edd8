import type { AgentDialect } from "./dialect.ts";

/** Who reads a key of the front matter. */
type Reader = "Trainyard" | "VS Code" | "Claude Code";

/** What a value must be: true or false, a whole number above zero, a text, or one of these words. */
export type KeyForm = "flag" | "count" | "text" | readonly string[];

export type AgentKey = {
  key: string;
  readBy: readonly Reader[];
  /** What it says, as a sentence. */
  summary: string;
  /** What follows `key:` when it is completed, as a snippet. */
  value: string;
  /** Absent where the value has a reader of its own, or is the business of who reads it. */
  form?: KeyForm;
};

const ALL: readonly Reader[] = ["Trainyard", "VS Code", "Claude Code"];
const VSCODE: readonly Reader[] = ["VS Code"];
const CLAUDE: readonly Reader[] = ["Claude Code"];
const OURS: readonly Reader[] = ["Trainyard"];

/** A key whose value is one of a few words, which are offered. */
function choice(key: string, readBy: readonly Reader[], summary: string, values: readonly string[]): AgentKey {
  return { key, readBy, summary, value: ` \${1|${values.join(",")}|}`, form: values };
}

/** Keys of an agent's front matter, of every kind of file. */
export const AGENT_KEYS: readonly AgentKey[] = [
  { key: "name", readBy: ALL, summary: "What the agent is called, by handoffs and in the chat.", value: " $0" },
  { key: "description", readBy: ALL, summary: "One sentence: what the agent is for.", value: " $0" },
  {
    key: "tools",
    readBy: ALL,
    summary: "The tools the agent may use. Without this key it may use those that its host gives to every agent.",
    value: " [$0]",
  },
  {
    key: "model",
    readBy: ALL,
    summary:
      "The model the agent was written for, or several, best first. In Trainyard it answers where the picker says Auto; another one that is picked wins.",
    value: " $0",
  },
  {
    key: "handoffs",
    readBy: ["Trainyard", "VS Code"],
    summary: "Buttons under an answer that pass the work to another agent. `send: true` sends the prompt at once.",
    value: '\n  - label: "$1"\n    agent: $2\n    prompt: "$3"\n    send: false$0',
  },
  {
    key: "triggers",
    readBy: OURS,
    summary: "What in a workspace speaks for this agent. Ranks it in the Agents view and where no model chooses.",
    value: "\n  - $0",
  },
  { key: "mcp", readBy: OURS, summary: "MCP servers the agent can use: `git`, `filesystem`, …", value: " [$0]" },
  {
    key: "extends",
    readBy: OURS,
    summary: "The shipped agent of the same name that this file adds to instead of replacing it.",
    value: " $0",
  },
  { key: "commands", readBy: OURS, summary: "Slash commands that the agent answers.", value: "\n  - $0" },
  {
    key: "boundaries",
    readBy: OURS,
    summary: "What the agent always does, asks before, and never does.",
    value: "\n  always:\n    - $1\n  ask-first:\n    - $2\n  never:\n    - $0",
  },
  {
    key: "argument-hint",
    readBy: VSCODE,
    summary: "Shown in the input box while the agent is picked.",
    value: " $0",
    form: "text",
  },
  { key: "agents", readBy: VSCODE, summary: "Agents it may start by itself, with the tool `agent`.", value: " [$0]" },
  {
    key: "user-invocable",
    readBy: VSCODE,
    summary: "`false` hides the agent from the picker.",
    value: " false",
    form: "flag",
  },
  {
    key: "disable-model-invocation",
    readBy: VSCODE,
    summary: "`true` keeps other agents from starting this one.",
    value: " true",
    form: "flag",
  },
  choice("target", VSCODE, "Where the agent runs.", ["vscode", "github-copilot"]),
  {
    key: "reasoning-effort",
    readBy: VSCODE,
    summary: "How long the model thinks before it answers, in words that the model knows.",
    value: " ${1|low,medium,high|}",
    form: "text",
  },
  { key: "mcp-servers", readBy: VSCODE, summary: "MCP servers, for the target `github-copilot` alone.", value: " $0" },
  { key: "github", readBy: VSCODE, summary: "Settings for the target `github-copilot`.", value: " $0" },
  {
    key: "metadata",
    readBy: VSCODE,
    summary: "Notes in pairs of key and text, for the target `github-copilot`.",
    value: "\n  $0",
  },
  {
    key: "hooks",
    readBy: ["VS Code", "Claude Code"],
    summary: "Commands that run at points of a session.",
    value: " $0",
  },
  { key: "disallowedTools", readBy: CLAUDE, summary: "Tools the agent may not use.", value: " $0" },
  choice("permissionMode", CLAUDE, "How the agent asks before it acts.", [
    "default",
    "acceptEdits",
    "plan",
    "auto",
    "dontAsk",
    "bypassPermissions",
    "delegate",
  ]),
  { key: "skills", readBy: CLAUDE, summary: "Skills that are loaded with the agent.", value: " [$0]" },
  {
    key: "mcpServers",
    readBy: CLAUDE,
    summary: "MCP servers the agent can use: names of those that are set up, or whole settings.",
    value: "\n  - $0",
  },
  choice("memory", CLAUDE, "Where the agent keeps what it learns between sessions.", ["user", "project", "local"]),
  {
    key: "maxTurns",
    readBy: CLAUDE,
    summary: "After how many turns the agent stops.",
    value: " ${1:20}",
    form: "count",
  },
  {
    key: "background",
    readBy: CLAUDE,
    summary: "`true` runs the agent beside the session.",
    value: " true",
    form: "flag",
  },
  choice("isolation", CLAUDE, "Gives the agent a copy of the repository of its own.", ["worktree"]),
  choice("effort", CLAUDE, "How long the model thinks before it answers.", ["low", "medium", "high", "xhigh", "max"]),
  {
    key: "initialPrompt",
    readBy: CLAUDE,
    summary: "What is asked first where the agent leads a session.",
    value: ' "$0"',
    form: "text",
  },
  choice("color", CLAUDE, "The colour of the agent in the terminal.", [
    "blue",
    "cyan",
    "green",
    "orange",
    "pink",
    "purple",
    "red",
    "yellow",
  ]),
];

/** Read by VS Code still, but not to be written any more, or not by hand. */
const OLD_KEYS = ["infer", "advancedOptions"];

const HOSTS = { native: "VS Code", claude: "Claude Code" } as const satisfies Record<AgentDialect, Reader>;

/**
 * Keys that mean something in a file of that kind, in the order in which they help: those that its host wants first, then
 * the others of the host, then Trainyard's, which it reads in both.
 */
export function keysOf(dialect: AgentDialect): AgentKey[] {
  const isOfHost = (key: AgentKey) => key.readBy.includes(HOSTS[dialect]);
  return [
    ...AGENT_KEYS.filter(isOfHost),
    ...AGENT_KEYS.filter((key) => !isOfHost(key) && key.readBy.includes("Trainyard")),
  ];
}

/** Who reads a key that nobody looks at in a file of that kind; nothing for a key that is read there, or nowhere. */
export function otherHostOf(key: string, dialect: AgentDialect): Reader | undefined {
  const known = AGENT_KEYS.find((each) => each.key === key);
  return known === undefined || isKeyOf(key, dialect) ? undefined : known.readBy[0];
}

/** Whether something reads the key in a file of that kind. */
export function isKeyOf(key: string, dialect: AgentDialect): boolean {
  return keysOf(dialect).some((each) => each.key === key) || (dialect === "native" && OLD_KEYS.includes(key));
}

/** Keys of one handoff. */
export const HANDOFF_KEYS: readonly AgentKey[] = [
  { key: "label", readBy: ["Trainyard", "VS Code"], summary: "What stands on the button.", value: ' "$0"' },
  { key: "agent", readBy: ["Trainyard", "VS Code"], summary: "The agent that takes over.", value: " $0" },
  { key: "prompt", readBy: ["Trainyard", "VS Code"], summary: "What it is asked to do.", value: ' "$0"' },
  {
    key: "send",
    readBy: ["Trainyard", "VS Code"],
    summary: "`true` sends the prompt at once; `false` fills the input box and waits.",
    value: " ${1|false,true|}",
  },
  {
    key: "showContinueOn",
    readBy: VSCODE,
    summary: "`false` offers no other place, such as the cloud, to go on in.",
    value: " false",
    form: "flag",
  },
  { key: "model", readBy: VSCODE, summary: "The model that is picked with the handoff.", value: " $0" },
];
