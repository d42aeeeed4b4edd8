import { closestName } from "../base/closestName.ts";
import type { TextRange } from "../base/problems.ts";
import type { AgentProblem, ParsedAgent } from "./agentDefinition.ts";
import { type AgentDialect, CLAUDE_MODELS, CLAUDE_TOOLS, isClaudeModel, VSCODE_TOOL_SETS } from "./dialect.ts";
import { replacement } from "./fieldReader.ts";
import { askedServers, MCP_SERVER_NAMES } from "./mcpServers.ts";

/** What an agent file may name besides other agents. */
export type KnownWords = {
  /** Names of tools and tool sets of VS Code. */
  tools: readonly string[];
  /** Absent where no model is available, so that there is nothing to compare with. */
  models?: { names: readonly string[]; isMet(preference: string): boolean };
  placeholders: readonly string[];
  /** Why nothing can be looked for by a trigger; nothing for one that is understood. */
  explainTrigger(wording: string): string | undefined;
};

/** Names in a file that mean nothing here: tools, models, triggers, servers, and placeholders in the instructions. */
export function checkWords(
  { definition, ranges }: ParsedAgent,
  dialect: AgentDialect,
  words: KnownWords,
): AgentProblem[] {
  if (definition === undefined || ranges === undefined) {
    return [];
  }
  const tools = (definition.tools ?? []).flatMap((tool, index) =>
    checkTool(tool, ranges.tools[index], { dialect, words }),
  );
  const disallowed =
    dialect === "claude"
      ? ranges.disallowedTools.items.flatMap((tool, index) =>
          checkTool(tool, ranges.disallowedTools.ranges[index], { dialect, words }),
        )
      : [];
  const triggers = definition.triggers.flatMap((trigger, index): AgentProblem[] => {
    const message = words.explainTrigger(trigger);
    const range = ranges.triggers[index];
    return message === undefined || range === undefined
      ? []
      : [{ code: "unknown-trigger", severity: "warning", message, range }];
  });
  const placeholders = ranges.placeholders.flatMap(({ name, range }) => checkPlaceholder(name, range, words));
  const models = checkModels(definition.models, ranges.models, { dialect, words });
  const servers = askedServers(definition.extra).flatMap((name, index) => checkServer(name, ranges.mcp[index]));
  return [...models, ...tools, ...disallowed, ...triggers, ...servers, ...placeholders];
}

type Vocabulary = { dialect: AgentDialect; words: KnownWords };

function checkTool(tool: string, range: TextRange | undefined, { dialect, words }: Vocabulary): AgentProblem[] {
  const known = dialect === "claude" ? CLAUDE_TOOLS : words.tools;
  if (range === undefined || known.includes(tool)) {
    return [];
  }
  const isOpen = isOpenTool(tool, dialect, known);
  if (isOpen && (dialect === "claude" || withOwner(tool, known) === undefined)) {
    return [];
  }
  const meant = closestName(tool, known) ?? sameTool(tool, known);
  if (meant !== undefined) {
    const message = `No tool is called \`${tool}\`. Did you mean \`${meant}\`?`;
    // A server that does not run now may be called nearly like a tool set.
    const severity = isOpen ? "information" : "warning";
    return [{ code: "unknown-tool", severity, message, range, fix: replacement(range, meant) }];
  }
  const message =
    dialect === "claude"
      ? `Claude Code is not known to have a tool \`${tool}\`. Its tools are ${list(CLAUDE_TOOLS)}, and those of servers as \`mcp__server__tool\`.`
      : `No tool of this window is called \`${tool}\`; it is passed over until an extension or an MCP server brings it. VS Code itself has ${list(VSCODE_TOOL_SETS)}.`;
  return [{ code: "unknown-tool", severity: "information", message, range }];
}

/** All tools of an owner, and names of servers and of extensions that need not run now: nobody can say them to be wrong. */
function isOpenTool(tool: string, dialect: AgentDialect, known: readonly string[]): boolean {
  if (dialect === "claude") {
    return tool === "*" || tool.startsWith("mcp__") || known.includes(tool.replace(/\(.*\)$/, ""));
  }
  const [owner, name, ...rest] = tool.split("/");
  const isNested = name !== undefined && rest.length === 0;
  const hasOwner = known.some((each) => each.startsWith(`${owner}/`));
  return tool === "*" || (isNested && (name === "*" || !hasOwner));
}

/** The same tool under its name alone, with another owner in front, or with the owner that was meant. */
function sameTool(tool: string, known: readonly string[]): string | undefined {
  const [owner = "", name = owner] = tool.split("/");
  const siblings = known.filter((each) => each.startsWith(`${owner}/`));
  const meant = closestName(
    name,
    siblings.map((each) => each.slice(each.indexOf("/") + 1)),
  );
  return siblings.find((each) => each.endsWith(`/${meant}`)) ?? withOwner(tool, known);
}

/** `edit/createFile` for `edti/createFile`: a tool set of VS Code or an extension whose name was misspelled. */
function withOwner(tool: string, known: readonly string[]): string | undefined {
  const [owner = "", name] = tool.split("/");
  if (name === undefined || VSCODE_TOOL_SETS.includes(owner)) {
    return undefined;
  }
  const owners = known.flatMap((each) => (each.includes("/") ? (each.split("/", 1)[0] ?? []) : []));
  const meant = closestName(owner, [...VSCODE_TOOL_SETS, ...new Set(owners)]);
  return meant === undefined || meant === owner ? undefined : `${meant}/${name}`;
}

/** A list of preferences is there so that one of them may be missing; it is a problem only where all are. */
function checkModels(
  models: readonly string[],
  ranges: readonly TextRange[],
  { dialect, words }: Vocabulary,
): AgentProblem[] {
  const [first, range] = [models[0], ranges[0]];
  if (first === undefined || range === undefined) {
    return [];
  }
  if (dialect === "claude") {
    const meant = closestName(first, CLAUDE_MODELS);
    const message = `Claude Code has no model \`${first}\`.${didYouMean(meant)} Write ${list(CLAUDE_MODELS)}, or the id of a model.`;
    return isClaudeModel(first) ? [] : [unknownModel(message, range, meant)];
  }
  const available = words.models;
  if (available === undefined || models.some((model) => available.isMet(model))) {
    return [];
  }
  const meant = closestName(first, available.names);
  const what = models.length === 1 ? `The model \`${first}\` is not` : `None of the models ${list(models)} is`;
  const message = `${what} available in this window, so the model that is picked in the chat answers.${didYouMean(meant)} Available: ${list(available.names)}.`;
  return [unknownModel(message, range, meant)];
}

function unknownModel(message: string, range: TextRange, meant: string | undefined): AgentProblem {
  const fix = meant === undefined ? {} : { fix: replacement(range, meant) };
  return { code: "unknown-model", severity: meant === undefined ? "information" : "warning", message, range, ...fix };
}

function checkServer(name: string, range: TextRange | undefined): AgentProblem[] {
  if (range === undefined || MCP_SERVER_NAMES.includes(name)) {
    return [];
  }
  const meant = closestName(name, MCP_SERVER_NAMES);
  const message = `No MCP server is known as \`${name}\`, so it is not offered.${didYouMean(meant)} Known are ${list(MCP_SERVER_NAMES)}.`;
  const fix = meant === undefined ? {} : { fix: replacement(range, meant) };
  return [{ code: "unknown-mcp-server", severity: "warning", message, range, ...fix }];
}

function checkPlaceholder(name: string, range: TextRange, { placeholders }: KnownWords): AgentProblem[] {
  const meant = placeholders.includes(name) ? undefined : closestName(name, placeholders);
  if (meant === undefined) {
    return [];
  }
  const message = `\`{${name}}\` is not a fact that is known of a workspace, so it stays as it is. Did you mean \`{${meant}}\`?`;
  return [{ code: "unknown-placeholder", severity: "warning", message, range, fix: replacement(range, meant) }];
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
