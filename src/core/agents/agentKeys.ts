import type { AgentDialect } from "./dialect.ts";

/** Who reads a key of the front matter. */
type Reader = "Trainyard" | "VS Code" | "Claude Code";

export type AgentKey = {
  key: string;
  readBy: readonly Reader[];
  /** What it says, as a sentence. */
  summary: string;
  /** What follows `key:` when it is completed, as a snippet. */
  value: string;
};

const ALL: readonly Reader[] = ["Trainyard", "VS Code", "Claude Code"];
const VSCODE: readonly Reader[] = ["VS Code"];
const CLAUDE: readonly Reader[] = ["Claude Code"];
const OURS: readonly Reader[] = ["Trainyard"];

/** Keys of an agent's front matter in the order in which they are offered. */
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
  { key: "argument-hint", readBy: VSCODE, summary: "Shown in the input box while the agent is picked.", value: " $0" },
  { key: "agents", readBy: VSCODE, summary: "Agents it may start by itself, with the tool `agent`.", value: " [$0]" },
  { key: "user-invocable", readBy: VSCODE, summary: "`false` hides the agent from the picker.", value: " false" },
  {
    key: "disable-model-invocation",
    readBy: VSCODE,
    summary: "`true` keeps other agents from starting this one.",
    value: " true",
  },
  { key: "target", readBy: VSCODE, summary: "Where the agent runs: `vscode` or `github-copilot`.", value: " vscode" },
  { key: "mcp-servers", readBy: VSCODE, summary: "MCP servers, for the target `github-copilot` alone.", value: " $0" },
  {
    key: "hooks",
    readBy: ["VS Code", "Claude Code"],
    summary: "Commands that run at points of a session.",
    value: " $0",
  },
  {
    key: "color",
    readBy: CLAUDE,
    summary: "The colour of the agent in the terminal.",
    value: " ${1|blue,cyan,green,orange,pink,purple,red,yellow|}",
  },
  { key: "disallowedTools", readBy: CLAUDE, summary: "Tools the agent may not use.", value: " $0" },
  {
    key: "permissionMode",
    readBy: CLAUDE,
    summary: "How the agent asks before it acts.",
    value: " ${1|default,acceptEdits,plan|}",
  },
  { key: "skills", readBy: CLAUDE, summary: "Skills that are loaded with the agent.", value: " [$0]" },
];

/** Read by VS Code still, but not to be written any more. */
const OLD_KEYS = ["infer"];

/** Every key that something reads; a key near one of them is a typing mistake. */
export const KNOWN_KEYS: readonly string[] = [...AGENT_KEYS.map(({ key }) => key), ...OLD_KEYS];

/** Keys that mean something in a file of that kind. Trainyard reads both. */
export function keysOf(dialect: AgentDialect): AgentKey[] {
  const host = dialect === "claude" ? "Claude Code" : "VS Code";
  return AGENT_KEYS.filter(({ readBy }) => readBy.includes(host) || readBy.includes("Trainyard"));
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
  { key: "model", readBy: VSCODE, summary: "The model that is picked with the handoff.", value: " $0" },
];
