/** `claude`: a file of Claude Code, whose tools and models have names of their own. `native`: ours, and VS Code's own. */
export type AgentDialect = "native" | "claude";

export function agentDialect(path: string): AgentDialect {
  return /(?:^|[\\/])\.claude[\\/]agents[\\/][^\\/]+$/.test(path) ? "claude" : "native";
}

/** The tool sets that VS Code brings. */
export const VSCODE_TOOL_SETS = "read search edit execute web todo agent browser vscode".split(" ");

/** Names of older agent files for tools of VS Code, which still mean them. */
export const OLD_VSCODE_TOOLS = (
  "changes codebase editFiles extensions fetch findTestFiles githubRepo new openSimpleBrowser problems runCommands " +
  "runNotebooks runTasks runTests searchResults terminalLastCommand terminalSelection testFailure think todos usages vscodeAPI"
).split(" ");

export const CLAUDE_TOOLS = (
  "Agent AskUserQuestion Bash BashOutput Edit ExitPlanMode Glob Grep KillShell LSP MultiEdit NotebookEdit Read Skill Task " +
  "TodoWrite WebFetch WebSearch Write"
).split(" ");

/** Claude Code also takes the whole id of a model, which begins with `claude-`. */
export const CLAUDE_MODELS = ["inherit", "opus", "sonnet", "haiku"];
