/** `claude`: a file of Claude Code, whose tools and models have names of their own. `native`: ours, and VS Code's own. */
export type AgentDialect = "native" | "claude";

export function agentDialect(path: string): AgentDialect {
  return /(?:^|[\\/])\.claude[\\/]agents[\\/]./.test(path) ? "claude" : "native";
}

/** The agents that VS Code brings, as its chat knows them: it tells capital letters from small ones. */
export const VSCODE_AGENTS = ["agent", "ask", "edit", "Plan"];

/** The agent of VS Code that a handoff means: `Agent` and `agent` are both written for the same one. */
export function builtInAgent(name: string): string | undefined {
  return VSCODE_AGENTS.find((each) => each.toLowerCase() === name.toLowerCase());
}

/** The agents that Claude Code brings, https://code.claude.com/docs/en/sub-agents. */
const CLAUDE_AGENTS = [
  "general-purpose",
  "Explore",
  "Plan",
  "statusline-setup",
  "output-style-setup",
  "claude-code-guide",
  "claude",
];

/** Whether a name means an agent that a host brings, that a plugin of it brings, or all of them. */
export function isAgentOfHost(name: string, dialect: AgentDialect): boolean {
  return dialect === "claude"
    ? name === "*" || name.includes(":") || CLAUDE_AGENTS.includes(name)
    : name === "*" || name === "Explore" || builtInAgent(name) !== undefined;
}

/** The tool sets that VS Code brings. */
export const VSCODE_TOOL_SETS = "read search edit execute web todo agent browser vscode".split(" ");

/** Names of older agent files for tools of VS Code, which still mean them. */
export const OLD_VSCODE_TOOLS = (
  "changes codebase editFiles extensions fetch findTestFiles githubRepo new openSimpleBrowser problems runCommands " +
  "runNotebooks runTasks runTests searchResults terminalLastCommand terminalSelection testFailure think todos usages vscodeAPI"
).split(" ");

/** The tools of https://code.claude.com/docs/en/tools-reference, and those of older versions that files still name. */
export const CLAUDE_TOOLS = (
  "Agent Artifact AskUserQuestion Bash BashOutput CronCreate CronDelete CronList Edit EnterPlanMode EnterWorktree ExitPlanMode " +
  "ExitWorktree Glob Grep KillShell LS LSP ListMcpResourcesTool MCPSearch Monitor MultiEdit NotebookEdit NotebookRead PowerShell " +
  "Read ReadMcpResourceTool SendMessage Skill SlashCommand Task TaskCreate TaskGet TaskList TaskOutput TaskStop TaskUpdate TeamCreate " +
  "TeamDelete TodoWrite ToolSearch WebFetch WebSearch Workflow Write"
).split(" ");

/** Families of models, each the name of its newest one. */
export const CLAUDE_FAMILIES = ["opus", "sonnet", "haiku", "fable"];

/** Short names of models, https://code.claude.com/docs/en/model-config; `inherit` is the model of the session. */
export const CLAUDE_MODELS = ["inherit", ...CLAUDE_FAMILIES, "opusplan", "best", "default"];

/** Whether Claude Code takes the name: a short one or a whole id, also of a cloud, and with the mark of a long context. */
export function isClaudeModel(model: string): boolean {
  const name = model.replace(/\[1m\]$/i, "");
  return isClaudeAlias(model) || /^claude-|(?:^|\.)anthropic\.|^arn:/.test(name);
}

/** Whether only Claude Code has that name for a model: others would look for one that is called so. */
export function isClaudeAlias(model: string): boolean {
  return CLAUDE_MODELS.includes(model.replace(/\[1m\]$/i, ""));
}
