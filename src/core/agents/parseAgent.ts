import * as z from "zod";
import { rangeOnLine, type TextRange } from "../base/problems.ts";
import { rangeBetween } from "../base/textPosition.ts";
import type { AgentDefinition, Handoff, ParsedAgent } from "./agentDefinition.ts";
import { readBoundaries } from "./boundaries.ts";
import { checkHandoffKeys, checkHandoffValues, checkKeys, checkValues, whatIsMeant } from "./checkKeys.ts";
import type { AgentDialect } from "./dialect.ts";
import { describe, FieldReader, type ListForm, plain, type ReadList, replacement, words } from "./fieldReader.ts";
import { readFrontMatter } from "./frontMatter.ts";
import { placePlaceholders } from "./placeholders.ts";
import { isPlainAgent, plainAgent } from "./plainAgent.ts";
import { subagentsOf } from "./subagents.ts";

/** Keys that become fields of a definition. */
const OWN_KEYS = ["name", "description", "model", "tools", "handoffs", "triggers", "boundaries"];

const MODELS: ListForm = { entry: "a model name", expected: "a model name or a list of them", text: "one entry" };
const TOOLS: ListForm = { entry: "a tool name", expected: "a list of tool names", text: "entries with commas" };
const TRIGGERS: ListForm = { entry: "a sentence", expected: "a list of sentences", text: "one entry" };
const AGENTS: ListForm = { entry: "the name of an agent", expected: "a list of agents", text: "entries with commas" };
const SERVERS: ListForm = { entry: "the name of a server", expected: "a list of servers such as `[git]`" };

/**
 * Reads an agent file: ours, VS Code's `.agent.md`, or Claude Code's. A field that cannot be used is left out
 * and reported; the rest of the file still counts. Never throws, never runs anything.
 *
 * `fallbackName` is the file's name without its endings: what VS Code calls an agent that does not name itself.
 */
export function parseAgent(source: string, fallbackName?: string, dialect: AgentDialect = "native"): ParsedAgent {
  const text = source.replace(/^\uFEFF/, "");
  if (dialect === "native" && fallbackName !== undefined && isPlainAgent(text)) {
    return plainAgent(text, fallbackName);
  }
  const read = readFrontMatter(text);
  if (read.kind === "unreadable") {
    return { problems: read.problems };
  }
  const reader = new FieldReader(read.frontMatter, text);
  const name = reader.readName(fallbackName, dialect);
  const { handoffs, targets } = readHandoffs(reader);
  const description = reader.read("description", words, { fallback: "", expected: "a sentence" });
  const lists = readLists(reader);
  if (reader.data["description"] === undefined) {
    // VS Code can do without; Claude Code chooses by nothing else.
    reader.report("missing-description", dialect === "claude" ? "warning" : "information", {
      message: "`description` is missing: write one sentence that says what this agent is for.",
      range: read.frontMatter.locate([]),
    });
  }
  const { boundaries, problems: boundaryProblems } = readBoundaries(reader.data["boundaries"]);
  for (const { path, severity, message } of boundaryProblems) {
    reader.report("invalid-boundary", severity, { message, range: reader.rangeOf(["boundaries", ...path]) });
  }
  checkKeys(reader, dialect);
  checkValues(reader, dialect);
  reportNoInstructions(reader, text, read.frontMatter.body);
  reportLostLetters(reader, text);
  const problems = [...read.problems, ...reader.problems];
  if (name === undefined) {
    return { problems };
  }
  const definition: AgentDefinition = {
    name,
    description,
    models: lists.models.items,
    tools: lists.tools?.items,
    triggers: lists.triggers.items,
    handoffs,
    boundaries,
    extra: extraOf(reader.data),
    body: read.frontMatter.body.trim(),
  };
  const { tools, disallowedTools, agents } = lists;
  const ranges = {
    name: read.frontMatter.locate(["name"]),
    handoffTargets: targets,
    models: lists.models.ranges,
    tools: tools?.ranges ?? [],
    disallowedTools,
    subagents: subagentsOf(dialect === "claude" ? [tools, disallowedTools] : [agents], dialect),
    triggers: lists.triggers.ranges,
    extends: read.frontMatter.locate(["extends"]),
    mcp: lists.servers.ranges,
    placeholders: placePlaceholders(text, text.length - read.frontMatter.body.length),
  };
  return { definition, ranges, problems };
}

/** The lists of a file; one without `tools` may use all of them, so that there an empty list is something else. */
function readLists(reader: FieldReader) {
  const none: ReadList = { items: [], ranges: [] };
  return {
    models: reader.readList("model", MODELS) ?? none,
    tools: reader.readList("tools", TOOLS),
    disallowedTools: reader.readList("disallowedTools", TOOLS) ?? none,
    triggers: reader.readList("triggers", TRIGGERS) ?? none,
    servers: reader.readList("mcp", SERVERS) ?? none,
    agents: reader.readList("agents", AGENTS) ?? none,
  };
}

function readHandoffs(reader: FieldReader): { handoffs: Handoff[]; targets: TextRange[] } {
  const list = reader.read("handoffs", z.array(z.unknown()), {
    fallback: [],
    expected: "a list of entries with `label`, `agent` and `prompt`",
  });
  const handoffs: Handoff[] = [];
  const targets: TextRange[] = [];
  list.forEach((entry, index) => {
    const handoff = readHandoff(reader, entry, index);
    if (handoff !== undefined) {
      const hasAgent = typeof entry === "object" && entry !== null && "agent" in entry;
      handoffs.push(handoff);
      targets.push(reader.rangeOf(["handoffs", index, hasAgent ? "agent" : "target"]));
    }
  });
  return { handoffs, targets };
}

function readHandoff(reader: FieldReader, entry: unknown, index: number): Handoff | undefined {
  const path = ["handoffs", index];
  const fields = z.record(z.string(), z.unknown()).safeParse(entry);
  if (!fields.success) {
    const message = `Handoff ${index + 1} must have the keys \`label\`, \`agent\` and \`prompt\`, but it is ${describe(entry)}.`;
    reader.report("invalid-handoff", "error", { message, range: reader.rangeOf(path) });
    return undefined;
  }
  const { label, prompt, send = false, agent: _agent, target: _target, ...extra } = fields.data;
  const agent = readTarget(reader, fields.data, path);
  checkHandoffKeys(reader, fields.data, path);
  const result = z.object({ label: words, agent: words, prompt: words }).safeParse({ label, agent, prompt });
  if (!result.success) {
    const missing = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
    const listed = missing.map((key) => `\`${key}\``).join(" and ");
    const message = `Handoff ${index + 1} needs a text for ${listed}. Without it there is no button.`;
    reader.report("invalid-handoff", "error", { message, range: reader.rangeOf([...path, missing[0] ?? "label"]) });
    return undefined;
  }
  if (typeof send !== "boolean") {
    const range = reader.rangeOf([...path, "send"]);
    const meant = whatIsMeant(send, "flag");
    const advice = meant === undefined ? "" : ` Write \`send: ${meant}\`.`;
    const message = `\`send\` must be true or false, not ${describe(send)}.${advice} It counts as false: the prompt waits in the input box.`;
    reader.report("invalid-field", "error", {
      message,
      range,
      ...(meant === undefined ? {} : { fix: replacement(range, meant) }),
    });
  }
  checkHandoffValues(reader, extra, path);
  return { ...result.data, send: send === true, ...(Object.keys(extra).length === 0 ? {} : { extra }) };
}

function readTarget(
  reader: FieldReader,
  fields: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): unknown {
  const { agent, target } = fields;
  if (target === undefined) {
    return agent;
  }
  const range = reader.rangeOf([...path, "target"]);
  if (agent === undefined) {
    const message = `VS Code itself reads \`agent\` here and passes over \`target\`: write \`agent: ${plain(target)}\`.`;
    reader.report("handoff-target-key", "information", { message, range });
    return target;
  }
  if (agent !== target) {
    const message = `This handoff names two targets; \`agent: ${plain(agent)}\` counts. Remove \`target\`.`;
    reader.report("handoff-target-key", "warning", { message, range });
  }
  return agent;
}

/** At the line that ends the front matter. What adds to another agent needs no instructions of its own. */
function reportNoInstructions(reader: FieldReader, text: string, body: string): void {
  if (body.trim() !== "" || reader.data["extends"] !== undefined) {
    return;
  }
  const line =
    text
      .slice(0, text.length - body.length)
      .trimEnd()
      .split("\n").length - 1;
  reader.report("no-instructions", "warning", {
    message:
      "Nothing stands below the front matter, so this agent has no instructions. Write there what it does and how.",
    range: rangeOnLine(line, 0, 3),
  });
}

/** What a reader of UTF-8 puts in the place of bytes that are none. */
const LOST_LETTER = "\uFFFD";

function reportLostLetters(reader: FieldReader, text: string): void {
  const at = text.indexOf(LOST_LETTER);
  if (at !== -1) {
    reader.report("not-utf8", "warning", {
      message:
        "A letter is lost here, since this file is not saved as UTF-8. Write it again, and save the file with the encoding UTF-8.",
      range: rangeBetween(text, at, at + 1),
    });
  }
}

function extraOf(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !OWN_KEYS.includes(key)));
}
