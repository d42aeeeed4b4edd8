import type { AgentDefinition } from "./agentDefinition.ts";
import { CLAUDE_TOOLS } from "./dialect.ts";

/*
 * The rights of an agent in the names of the other host. A file without `tools` may use all of them, one with an empty list
 * none, and no host can say every limit of the other; so what cannot be said is left out and told, and never becomes a
 * wider right.
 */

const TOOLS_OF_CLAUDE: ReadonlyMap<string, readonly string[]> = new Map([
  ["read", ["Read"]],
  ["search", ["Grep", "Glob"]],
  ["edit", ["Edit", "Write"]],
  ["execute", ["Bash"]],
  ["web", ["WebFetch", "WebSearch"]],
  ["todo", ["TodoWrite"]],
  ["agent", ["Agent"]],
]);

/** Other names for tools of the table. */
const CLAUDE_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["MultiEdit", "Edit"],
  ["Task", "Agent"],
]);

/** Single tools of these sets cannot do more than the tools of Claude Code that stand for the set. */
const READING_SETS = ["read", "search", "todo"];

/** No list where all of them may be used. `leftOut`: the names of tools that Claude Code does not have. */
export function claudeTools(tools: AgentDefinition["tools"]): { tools: string[] | undefined; leftOut: string[] } {
  const mapped = tools?.map((tool) => ({ tool, names: claudeNames(tool) }));
  const leftOut = (mapped ?? []).filter((each) => each.names.length === 0).map(({ tool }) => tool);
  return { tools: mapped && [...new Set(mapped.flatMap((each) => each.names))], leftOut };
}

function claudeNames(tool: string): readonly string[] {
  if (isOfClaude(tool) || tool.startsWith("mcp__")) {
    return [tool];
  }
  const [owner = "", name] = tool.split("/");
  const ofSet = TOOLS_OF_CLAUDE.get(owner);
  if (ofSet !== undefined) {
    return name === undefined || READING_SETS.includes(owner) ? ofSet : [];
  }
  return name === undefined || owner.includes(".") ? [] : [`mcp__${owner}${name === "*" ? "" : `__${name}`}`];
}

/**
 * The tools for VS Code, less those that Claude Code forbids by `disallowedTools` or `permissionMode: plan`; no list where
 * all of them may be used. `leftOut`: what VS Code cannot say, as text for a list.
 */
export function nativeTools({ tools, extra }: AgentDefinition): { tools: string[] | undefined; leftOut: string[] } {
  const forbidden = namesIn(extra["disallowedTools"]).map((tool) => nativeName(withoutLimits(tool)) ?? tool);
  const isPlan = extra["permissionMode"] === "plan";
  if (tools === undefined && forbidden.length === 0 && !isPlan) {
    return { tools: undefined, leftOut: [] };
  }
  const isAllowed = (name: string) =>
    !forbidden.some((other) => overlaps(name, other)) && (!isPlan || READING_SETS.includes(setOf(name)));
  const mapped = (tools ?? []).map((tool) => ({ tool, name: nativeName(tool) }));
  // Without a list all tools may be used: what is forbidden can only be said by a list of the others.
  const named = tools === undefined ? [...TOOLS_OF_CLAUDE.keys()] : mapped.flatMap(({ name }) => name ?? []);
  const left = [...new Set(named)].filter(isAllowed);
  const leftOut = mapped
    .filter(({ name }) => name === undefined)
    .map(({ tool }) =>
      withoutLimits(tool) === tool
        ? `the tool \`${tool}\`, which only Claude Code has`
        : `the tool \`${tool}\`, whose limits VS Code cannot say, so that it is not allowed there`,
    );
  return { tools: left, leftOut };
}

/** Whether two names of VS Code mean the same tool, or one the set or server that holds the other. */
function overlaps(name: string, other: string): boolean {
  const isWhole = (each: string) => each === setOf(each) || each.endsWith("/*");
  return name === other || (setOf(name) === setOf(other) && (isWhole(name) || isWhole(other)));
}

/** `edit` for `edit/createFile`, and the server of a tool of one. */
function setOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

/** Nothing for a tool of Claude Code that VS Code does not have, or cannot limit in that way. */
function nativeName(tool: string): string | undefined {
  const server = /^mcp__(.+?)(?:__(.+))?$/.exec(tool);
  if (server !== null) {
    return `${server[1]}/${server[2] ?? "*"}`;
  }
  if (!isOfClaude(tool)) {
    return tool;
  }
  const name = CLAUDE_SYNONYMS.get(tool) ?? tool;
  return [...TOOLS_OF_CLAUDE].find(([, theirs]) => theirs.includes(name))?.[0];
}

function isOfClaude(tool: string): boolean {
  return CLAUDE_TOOLS.includes(withoutLimits(tool));
}

/** `Bash` for `Bash(git status)`. */
function withoutLimits(tool: string): string {
  return tool.replace(/\(.*\)$/, "");
}

/** Claude Code takes a list, or one text with commas. */
function namesIn(value: unknown): string[] {
  const names = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  return names.flatMap((name) => (typeof name === "string" && name.trim() !== "" ? [name.trim()] : []));
}
