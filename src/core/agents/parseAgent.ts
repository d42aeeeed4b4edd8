import * as z from "zod";
import { closestName } from "../base/closestName.ts";
import { type Problem, rangeOnLine, type TextRange } from "../base/problems.ts";
import type { AgentDefinition, AgentFix, AgentProblem, Handoff, ParsedAgent } from "./agentDefinition.ts";
import { KNOWN_KEYS } from "./agentKeys.ts";
import { readBoundaries } from "./boundaries.ts";
import { type FrontMatter, readFrontMatter } from "./frontMatter.ts";
import { placePlaceholders } from "./placeholders.ts";

/** Keys that become fields of a definition. */
const OWN_KEYS = ["name", "description", "model", "tools", "handoffs", "triggers", "boundaries"];

/** One text with commas is the only list that the limit of entries of the front matter does not see. */
const MAX_TOOLS = 300;

const words = z.string().trim().min(1);
/** Claude Code writes lists as one comma-separated string. */
const names = z
  .union([z.array(words), z.string().transform((list) => splitList(list))])
  .pipe(z.array(words).max(MAX_TOOLS));
const models = z.union([z.array(words), words.transform((model) => [model])]);
const triggers = z.union([z.array(words), words.transform((trigger) => [trigger])]);

/**
 * Reads an agent file: ours, VS Code's `.agent.md`, or Claude Code's. A field that cannot be used is left out
 * and reported; the rest of the file still counts. Never throws, never runs anything.
 *
 * `fallbackName` is the file's name without its endings: what VS Code calls an agent that does not name itself.
 */
export function parseAgent(source: string, fallbackName?: string): ParsedAgent {
  const text = source.replace(/^\uFEFF/, "");
  const read = readFrontMatter(text);
  if (read.kind === "unreadable") {
    return { problems: read.problems };
  }
  const reader = new FieldReader(read.frontMatter, text);
  const name = reader.readName(fallbackName);
  const { handoffs, targets } = readHandoffs(reader);
  const fields = {
    description: reader.read("description", words, { fallback: "", expected: "a sentence" }),
    models: reader.read("model", models, { fallback: [], expected: "a model name or a list of them" }),
    tools: reader.read("tools", names, { fallback: [], expected: `a list of at most ${MAX_TOOLS} tool names` }),
    triggers: reader.read("triggers", triggers, { fallback: [], expected: "a list of sentences" }),
  };
  const servers = reader.read("mcp", z.array(words), { fallback: [], expected: "a list of servers such as `[git]`" });
  if (reader.data["description"] === undefined) {
    reader.report("missing-description", "warning", {
      message: "`description` is missing: write one sentence that says what this agent is for.",
      range: read.frontMatter.locate([]),
    });
  }
  const { boundaries, problems: boundaryProblems } = readBoundaries(reader.data["boundaries"]);
  for (const { path, severity, message } of boundaryProblems) {
    reader.report("invalid-boundary", severity, { message, range: reader.rangeOf(["boundaries", ...path]) });
  }
  reportMisspelledKeys(reader);
  const problems = [...read.problems, ...reader.problems];
  if (name === undefined) {
    return { problems };
  }
  const definition: AgentDefinition = {
    name,
    ...fields,
    handoffs,
    boundaries,
    extra: extraOf(reader.data),
    body: read.frontMatter.body.trim(),
  };
  const ranges = {
    name: read.frontMatter.locate(["name"]),
    handoffTargets: targets,
    models: reader.rangesOf("model", definition.models),
    tools: reader.rangesOf("tools", definition.tools),
    triggers: reader.rangesOf("triggers", definition.triggers),
    extends: read.frontMatter.locate(["extends"]),
    mcp: reader.rangesOf("mcp", servers),
    placeholders: placePlaceholders(text, text.length - read.frontMatter.body.length),
  };
  return { definition, ranges, problems };
}

/** Reads field by field, so that one bad field does not lose the others. */
class FieldReader {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: AgentProblem[] = [];
  readonly #frontMatter: FrontMatter;
  readonly #text: string;

  constructor(frontMatter: FrontMatter, text: string) {
    this.data = frontMatter.data;
    this.#frontMatter = frontMatter;
    this.#text = text;
  }

  report(code: string, severity: Problem["severity"], at: { message: string; range: TextRange; fix?: AgentFix }): void {
    this.problems.push({ code, severity, ...at });
  }

  rangeOf(path: readonly (string | number)[]): TextRange {
    return this.#frontMatter.locate(path);
  }

  rangeOfKey(key: string): TextRange {
    return this.#frontMatter.locateKey(key);
  }

  /** The places of the items of a list, of one text, or of the parts of one text with commas. */
  rangesOf(key: string, items: readonly string[]): TextRange[] {
    if (Array.isArray(this.data[key])) {
      return items.map((_, index) => this.rangeOf([key, index]));
    }
    const whole = this.rangeOf([key]);
    const line = this.#text.split("\n")[whole.start.line] ?? "";
    let from = whole.start.column;
    return items.map((item) => {
      const start = line.indexOf(item, from);
      if (start === -1 || whole.start.line !== whole.end.line) {
        return whole;
      }
      from = start + item.length;
      return rangeOnLine(whole.start.line, start, from);
    });
  }

  read<T>(key: string, schema: z.ZodType<T>, otherwise: { fallback: T; expected: string }): T {
    const value = this.data[key];
    if (value === undefined || value === null) {
      return otherwise.fallback;
    }
    const result = schema.safeParse(value);
    if (result.success) {
      return result.data;
    }
    const message = `\`${key}\` must be ${otherwise.expected}, not ${describe(value)}. It is left out until then.`;
    this.report("invalid-field", "error", { message, range: this.rangeOf([key]) });
    return otherwise.fallback;
  }

  readName(fallbackName: string | undefined): string | undefined {
    const written = this.data["name"];
    const result = words.safeParse(written);
    if (result.success) {
      return result.data;
    }
    const what = written === undefined || written === null ? "is missing" : `must be a text, not ${describe(written)}`;
    const consequence =
      fallbackName === undefined ? "" : ` Until then it is called \`${fallbackName}\`, after its file.`;
    const message = `\`name\` ${what}: write \`name: ${fallbackName ?? "my-agent"}\`.${consequence}`;
    const range = this.rangeOf(["name"]);
    const line = rangeOnLine(1, 0, 0);
    const fix = { title: `Add \`name: ${fallbackName}\``, range: line, text: `name: ${fallbackName}\n` };
    const isCertain = fallbackName !== undefined && written === undefined;
    this.report("missing-name", "error", { message, range, ...(isCertain ? { fix } : {}) });
    return fallbackName;
  }
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
  const result = z.object({ label: words, agent: words, prompt: words }).safeParse({ label, agent, prompt });
  if (!result.success) {
    const missing = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
    const listed = missing.map((key) => `\`${key}\``).join(" and ");
    const message = `Handoff ${index + 1} needs a text for ${listed}. Without it there is no button.`;
    reader.report("invalid-handoff", "error", { message, range: reader.rangeOf([...path, missing[0] ?? "label"]) });
    return undefined;
  }
  if (typeof send !== "boolean") {
    const message = `\`send\` must be true or false, not ${describe(send)}. It counts as false: the prompt waits in the input box.`;
    const range = reader.rangeOf([...path, "send"]);
    const meant = plain(send).toLowerCase();
    const fix = ["true", "false"].includes(meant) ? { fix: replacement(range, meant) } : {};
    reader.report("invalid-field", "error", { message, range, ...fix });
  }
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

function reportMisspelledKeys(reader: FieldReader): void {
  for (const key of Object.keys(reader.data)) {
    const meant = KNOWN_KEYS.includes(key) ? undefined : closestName(key, KNOWN_KEYS);
    if (meant !== undefined && reader.data[meant] === undefined) {
      const message = `\`${key}\` is not a key that anything reads. Write \`${meant}\` if that is what you mean.`;
      const range = reader.rangeOfKey(key);
      reader.report("unknown-key", "warning", { message, range, fix: replacement(range, meant) });
    }
  }
}

/** The fix that writes `text` in place of what stands there. */
export function replacement(range: TextRange, text: string): AgentFix {
  return { title: `Change to \`${text}\``, range, text };
}

function extraOf(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !OWN_KEYS.includes(key)));
}

function splitList(list: string): string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function describe(value: unknown): string {
  if (value === null) {
    return "nothing";
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty list" : "a list";
  }
  if (typeof value === "object") {
    return "a group of keys";
  }
  return plain(value).trim() === "" ? "an empty text" : `\`${plain(value)}\``;
}

/** A scalar as it was written, short enough for a sentence. */
function plain(value: unknown): string {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isScalar ? String(value).slice(0, 40) : "…";
}
