import { stringify } from "yaml";
import { escapeMarkdown } from "../base/markdown.ts";
import type { AgentDefinition, Handoff } from "./agentDefinition.ts";
import { AGENT_KEYS, type AgentKey } from "./agentKeys.ts";
import { CLAUDE_FAMILIES, isClaudeAlias } from "./dialect.ts";
import { claudeTools, nativeTools } from "./exportTools.ts";

/** `github`: VS Code and Trainyard read it; `claude`: Claude Code; `plugin`: an agent plugin, for other machines. */
export type ExportTarget = "github" | "claude" | "plugin";

export type ExportedFile = {
  /** Relative to the folder of the target, with `/`. */
  path: string;
  text: string;
  /** What the format of the target cannot say. */
  leftOut: readonly string[];
};

/** What is written, and why some agents cannot be exported at all, each as a sentence. */
export type AgentExport = { files: readonly ExportedFile[]; refused: readonly string[] };

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
): AgentExport {
  const stems = fileStems(agents.map(({ name }) => name));
  if (target === "claude") {
    const made = agents.map((agent) => claudeFile(agent, stems));
    return {
      files: made.filter((file) => typeof file !== "string"),
      refused: made.filter((file) => typeof file === "string"),
    };
  }
  if (target === "github") {
    return { files: agents.map((agent) => nativeFile(agent, `${stemOf(agent.name, stems)}.agent.md`)), refused: [] };
  }
  const manifest = {
    name: fileName(plugin.name),
    version: "0.1.0",
    description: `Agents: ${agents.map(({ name }) => name).join(", ")}`,
  };
  const files = [
    { path: "plugin.json", text: `${JSON.stringify(manifest, undefined, 2)}\n`, leftOut: [] },
    ...agents.map((agent) => pluginFile(agent, `agents/${stemOf(agent.name, stems)}.agent.md`)),
  ];
  return { files, refused: [] };
}

/** What the format of the target cannot say and why, file by file, as Markdown; empty where it says everything. */
export function renderLeftOut(files: readonly ExportedFile[], refused: readonly string[]): string {
  const losing = files.filter(({ leftOut }) => leftOut.length > 0);
  return [
    ...refused.map((reason) => `- ${reason}`),
    ...losing.map(({ path, leftOut }) => `- **${escapeMarkdown(path)}** has no place for ${leftOut.join("; ")}.`),
  ].join("\n");
}

/** Small letters and dashes, as file names and Claude Code want them. */
function fileName(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["agent"];
  return words.join("-");
}

/** A file name of its own for each agent: the second one that would be called alike gets a number. */
function fileStems(names: readonly string[]): ReadonlyMap<string, string> {
  const stems = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    const wanted = fileName(name);
    let stem = wanted;
    for (let number = 2; taken.has(stem); number++) {
      stem = `${wanted}-${number}`;
    }
    taken.add(stem);
    stems.set(name, stem);
  }
  return stems;
}

function stemOf(name: string, stems: ReadonlyMap<string, string>): string {
  return stems.get(name) ?? fileName(name);
}

function nativeFile(agent: AgentDefinition, path: string): ExportedFile {
  const { tools, leftOut } = nativeTools(agent);
  const models = agent.models.filter((model) => !isClaudeAlias(model));
  const { extends: _merged, ...extra } = agent.extra;
  const { kept, lost } = splitKeys(extra, (key) => !isOnlyForClaude(key));
  const data = {
    name: agent.name,
    description: agent.description,
    ...(tools === undefined ? {} : { tools }),
    ...(models.length === 0 ? {} : { model: models.length === 1 ? models[0] : models }),
    ...(agent.handoffs.length === 0 ? {} : { handoffs: agent.handoffs.map(handoffAsWritten) }),
    ...(agent.triggers.length === 0 ? {} : { triggers: agent.triggers }),
    ...(agent.boundaries.length === 0 ? {} : { boundaries: boundariesAsWritten(agent.boundaries) }),
    ...kept,
  };
  const lostModels = agent.models
    .filter(isClaudeAlias)
    .map((model) => `\`model: ${model}\`, a name that only Claude Code has for a model`);
  const lostKeys = lost.map((key) =>
    key === "disallowedTools"
      ? "`disallowedTools`, in whose place `tools` is shorter"
      : `\`${key}\`, which only Claude Code reads`,
  );
  return { path, text: renderFile(data, agent.body), leftOut: [...lostModels, ...lostKeys, ...leftOut] };
}

/** Without what VS Code would underline where Trainyard is not installed. */
function pluginFile(agent: AgentDefinition, path: string): ExportedFile {
  const { kept, lost } = splitKeys(agent.extra, (key) => isReadBy(key, "VS Code") || isOnlyForClaude(key));
  const file = nativeFile({ ...agent, triggers: [], boundaries: [], extra: kept }, path);
  const ours = [
    ...(agent.triggers.length === 0 ? [] : ["triggers"]),
    ...(agent.boundaries.length === 0 ? [] : ["boundaries"]),
    ...lost.filter((key) => key !== "extends"),
  ];
  return { ...file, leftOut: [...file.leftOut, ...ours.map((key) => `\`${key}\`, which VS Code does not read`)] };
}

function isReadBy(key: string, reader: AgentKey["readBy"][number]): boolean {
  return AGENT_KEYS.some((known) => known.key === key && known.readBy.includes(reader));
}

function isOnlyForClaude(key: string): boolean {
  return isReadBy(key, "Claude Code") && !isReadBy(key, "VS Code");
}

function splitKeys(extra: AgentDefinition["extra"], isKept: (key: string) => boolean) {
  const entries = Object.entries(extra);
  return {
    kept: Object.fromEntries(entries.filter(([key]) => isKept(key))),
    lost: entries.filter(([key]) => !isKept(key)).map(([key]) => key),
  };
}

function handoffAsWritten({ extra, ...handoff }: Handoff): Record<string, unknown> {
  return { ...handoff, ...extra };
}

/** The rules by their kind, as the front matter holds them. */
function boundariesAsWritten(boundaries: AgentDefinition["boundaries"]): Record<string, unknown[]> {
  const written: Record<string, unknown[]> = {};
  for (const { kind, rule, check } of boundaries) {
    (written[kind] ??= []).push(check === undefined ? rule : { rule, check });
  }
  return written;
}

/** Gives the reason instead where the agent would have rights that it does not have here. */
function claudeFile(agent: AgentDefinition, stems: ReadonlyMap<string, string>): ExportedFile | string {
  const { tools, leftOut } = claudeTools(agent.tools);
  if (tools?.length === 0) {
    const reason = leftOut.length === 0 ? "It may use no tool" : "Claude Code has none of its tools";
    return `The agent \`${agent.name}\` was not exported. ${reason}, and where a file of Claude Code names none, the agent may use all. Give it a tool such as \`read\` first.`;
  }
  const { extends: _merged, ...extra } = agent.extra;
  const { kept, lost } = splitKeys(extra, (key) => isReadBy(key, "Claude Code"));
  const stem = stemOf(agent.name, stems);
  const data = {
    name: stem,
    description: agent.description.replaceAll(/\s+/g, " "),
    ...(tools === undefined ? {} : { tools: tools.join(", ") }),
    model: claudeModel(agent.models),
    ...kept,
  };
  const all = [
    ...(leftOut.length === 0
      ? []
      : [`the tools ${leftOut.map((tool) => `\`${tool}\``).join(", ")}, which Claude Code does not have`]),
    ...(agent.triggers.length === 0 ? [] : ["`triggers`, which only Trainyard reads"]),
    ...(agent.boundaries.length === 0 ? [] : ["`boundaries`, which only Trainyard checks"]),
    ...lost.map((key) => `\`${key}\`, which Claude Code does not read`),
    ...(agent.handoffs.length === 0 ? [] : ["the buttons of `handoffs`, which became a section of the instructions"]),
  ];
  const text = renderFile(data, [agent.body, ...handoffSection(agent, stems)].join("\n\n"));
  return { path: `${stem}.md`, text, leftOut: all };
}

/** Claude Code knows no buttons: the agent says who goes on, and with which words. */
function handoffSection({ handoffs }: AgentDefinition, stems: ReadonlyMap<string, string>): string[] {
  const lines = handoffs.map(
    ({ label, agent, prompt }) => `- ${label}: the agent \`${stemOf(agent, stems)}\`. "${prompt}"`,
  );
  return lines.length === 0
    ? []
    : [["## Who goes on", "", "When your part is done, name who should take over:", "", ...lines].join("\n")];
}

/** A name of Claude Code stays as it is; the name of a model elsewhere becomes that of its family. */
function claudeModel(models: readonly string[]): string {
  const names = models.map((model) =>
    isClaudeAlias(model) ? model : CLAUDE_FAMILIES.find((family) => model.toLowerCase().includes(family)),
  );
  return names.find((name) => name !== undefined) ?? "inherit";
}

function renderFile(data: Readonly<Record<string, unknown>>, body: string): string {
  return `---\n${stringify(data, { lineWidth: 0 })}---\n\n${body.trim()}\n`;
}
