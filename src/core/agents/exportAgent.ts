import { stringify } from "yaml";
import type { AgentDefinition } from "./agentDefinition.ts";
import { AGENT_KEYS } from "./agentKeys.ts";
import { CLAUDE_MODELS, CLAUDE_TOOLS } from "./dialect.ts";

/** `github`: VS Code and Trainyard read it; `claude`: Claude Code; `plugin`: an agent plugin, for other machines. */
export type ExportTarget = "github" | "claude" | "plugin";

export type ExportedFile = {
  /** Relative to the folder of the target, with `/`. */
  path: string;
  text: string;
  /** What the format of the target cannot say. */
  leftOut: readonly string[];
};

/** The folder of a target below the workspace folder; a plugin is put where the person wants it. */
export const EXPORT_FOLDERS: Readonly<Record<Exclude<ExportTarget, "plugin">, string>> = {
  github: ".github/agents",
  claude: ".claude/agents",
};

/** The files that hold these agents for a target, each in its format. Placeholders stay as they are. */
export function exportAgents(
  agents: readonly AgentDefinition[],
  target: ExportTarget,
  plugin: { name: string } = { name: "agents" },
): ExportedFile[] {
  if (target === "claude") {
    return agents.map(claudeFile);
  }
  if (target === "github") {
    return agents.map((agent) => nativeFile(agent, ""));
  }
  const manifest = {
    name: fileName(plugin.name),
    version: "0.1.0",
    description: `Agents: ${agents.map(({ name }) => name).join(", ")}`,
  };
  return [
    { path: "plugin.json", text: `${JSON.stringify(manifest, undefined, 2)}\n`, leftOut: [] },
    ...agents.map((agent) => withoutOurKeys(agent)).map((agent) => nativeFile(agent, "agents/")),
  ];
}

/** Small letters and dashes, as file names and Claude Code want them. */
function fileName(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["agent"];
  return words.join("-");
}

function nativeFile(agent: AgentDefinition, folder: string): ExportedFile {
  const isFromClaude = agent.tools.some((tool) => CLAUDE_TOOLS.includes(tool.replace(/\(.*\)$/, "")));
  const tools = isFromClaude ? nativeTools(agent.tools) : agent.tools;
  const models = agent.models.filter((model) => !CLAUDE_MODELS.includes(model));
  const { extends: _merged, color: _color, ...extra } = agent.extra;
  const data = {
    name: agent.name,
    description: agent.description,
    ...(tools.length === 0 ? {} : { tools }),
    ...(models.length === 0 ? {} : { model: models.length === 1 ? models[0] : models }),
    ...(agent.handoffs.length === 0 ? {} : { handoffs: agent.handoffs }),
    ...(agent.triggers.length === 0 ? {} : { triggers: agent.triggers }),
    ...(agent.boundaries.length === 0 ? {} : { boundaries: boundariesAsWritten(agent.boundaries) }),
    ...extra,
  };
  const leftOut = models.length === agent.models.length ? [] : ["`model`, a name of Claude Code"];
  return { path: `${folder}${fileName(agent.name)}.agent.md`, text: renderFile(data, agent.body), leftOut };
}

/** What VS Code would underline where Trainyard is not installed. */
function withoutOurKeys(agent: AgentDefinition): AgentDefinition {
  const native = AGENT_KEYS.filter(({ readBy }) => readBy.includes("VS Code")).map(({ key }) => key);
  const extra = Object.fromEntries(Object.entries(agent.extra).filter(([key]) => native.includes(key)));
  return { ...agent, triggers: [], boundaries: [], extra };
}

/** The rules by their kind, as the front matter holds them. */
function boundariesAsWritten(boundaries: AgentDefinition["boundaries"]): Record<string, unknown[]> {
  const written: Record<string, unknown[]> = {};
  for (const { kind, rule, check } of boundaries) {
    (written[kind] ??= []).push(check === undefined ? rule : { rule, check });
  }
  return written;
}

function claudeFile(agent: AgentDefinition): ExportedFile {
  const { tools, leftOut } = claudeTools(agent.tools);
  const { color, disallowedTools, permissionMode, skills } = agent.extra;
  const data = {
    name: fileName(agent.name),
    description: agent.description.replaceAll(/\s+/g, " "),
    ...(tools.length === 0 ? {} : { tools: tools.join(", ") }),
    model: claudeModel(agent.models),
    ...Object.fromEntries(
      Object.entries({ color, disallowedTools, permissionMode, skills }).filter(([, value]) => value !== undefined),
    ),
  };
  const lost = [
    ...(leftOut.length === 0 ? [] : [`the tools ${leftOut.map((tool) => `\`${tool}\``).join(", ")}`]),
    ...(agent.triggers.length === 0 ? [] : ["`triggers`"]),
    ...(agent.boundaries.length === 0 ? [] : ["`boundaries`, which only Trainyard checks"]),
    ...(agent.handoffs.length === 0 ? [] : ["the buttons of `handoffs`, which became a section of the instructions"]),
  ];
  const text = renderFile(data, [agent.body, ...handoffSection(agent)].join("\n\n"));
  return { path: `${fileName(agent.name)}.md`, text, leftOut: lost };
}

/** Claude Code knows no buttons: the agent says who goes on, and with which words. */
function handoffSection({ handoffs }: AgentDefinition): string[] {
  const lines = handoffs.map(({ label, agent, prompt }) => `- ${label}: the agent \`${fileName(agent)}\`. "${prompt}"`);
  return lines.length === 0
    ? []
    : [["## Who goes on", "", "When your part is done, name who should take over:", "", ...lines].join("\n")];
}

const TOOLS_OF_CLAUDE: Readonly<Record<string, readonly string[]>> = {
  read: ["Read"],
  search: ["Grep", "Glob"],
  edit: ["Edit", "Write"],
  execute: ["Bash"],
  web: ["WebFetch", "WebSearch"],
  todo: ["TodoWrite"],
  agent: ["Agent"],
};

/** A file without `tools` may use all of them, so that what only VS Code has becomes the right to read. */
function claudeTools(tools: readonly string[]): { tools: string[]; leftOut: string[] } {
  const mapped = tools.map((tool) => ({ tool, names: claudeNames(tool) }));
  const names = [...new Set(mapped.flatMap((each) => each.names))];
  const leftOut = mapped.filter((each) => each.names.length === 0).map(({ tool }) => tool);
  return { tools: names.length === 0 && tools.length > 0 ? ["Read", "Grep", "Glob"] : names, leftOut };
}

function claudeNames(tool: string): readonly string[] {
  if (CLAUDE_TOOLS.includes(tool.replace(/\(.*\)$/, "")) || tool.startsWith("mcp__")) {
    return [tool];
  }
  const [owner = "", name] = tool.split("/");
  const isServer = name !== undefined && !owner.includes(".") && TOOLS_OF_CLAUDE[owner] === undefined;
  return isServer ? [`mcp__${owner}${name === "*" ? "" : `__${name}`}`] : (TOOLS_OF_CLAUDE[owner] ?? []);
}

function nativeTools(tools: readonly string[]): string[] {
  const names = tools.flatMap((tool) => {
    const name = tool.replace(/\(.*\)$/, "");
    const server = /^mcp__(.+?)(?:__(.+))?$/.exec(name);
    if (server !== null) {
      return [`${server[1]}/${server[2] ?? "*"}`];
    }
    return Object.entries(TOOLS_OF_CLAUDE).flatMap(([native, theirs]) => (theirs.includes(name) ? [native] : []));
  });
  return [...new Set(names)];
}

function claudeModel(models: readonly string[]): string {
  const named = models.map((model) => CLAUDE_MODELS.find((alias) => model.toLowerCase().includes(alias)));
  return named.find((alias) => alias !== undefined) ?? "inherit";
}

function renderFile(data: Readonly<Record<string, unknown>>, body: string): string {
  return `---\n${stringify(data, { lineWidth: 0 })}---\n\n${body.trim()}\n`;
}
