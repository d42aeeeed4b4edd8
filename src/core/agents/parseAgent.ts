import { z } from "zod";
import { closestName } from "../base/closestName.ts";
import type { Problem, TextRange } from "../base/problems.ts";
import type { AgentDefinition, Handoff, ParsedAgent } from "./agentDefinition.ts";
import { readBoundaries } from "./boundaries.ts";
import { type FrontMatter, readFrontMatter } from "./frontMatter.ts";

/** Keys that mean something to Trainyard, to VS Code or to Claude Code; a key near one of them is a typing mistake. */
const OWN_KEYS = ["name", "description", "model", "tools", "handoffs", "triggers", "boundaries"];
const FOREIGN_KEYS = (
  "argument-hint agents user-invocable disable-model-invocation infer target mcp-servers hooks " +
  "color disallowedTools permissionMode skills extends mcp commands"
).split(" ");

const text = z.string().trim().min(1);
/** Claude Code writes lists as one comma-separated string. */
const names = z.union([z.array(text), z.string().transform((list) => splitList(list))]);
const models = z.union([z.array(text), text.transform((model) => [model])]);
const triggers = z.union([z.array(text), text.transform((trigger) => [trigger])]);

/**
 * Reads an agent file: ours, VS Code's `.agent.md`, or Claude Code's. A field that cannot be used is left out
 * and reported; the rest of the file still counts. Never throws, never runs anything.
 *
 * `fallbackName` is the file's name without its endings: what VS Code calls an agent that does not name itself.
 */
export function parseAgent(source: string, fallbackName?: string): ParsedAgent {
  const read = readFrontMatter(source.replace(/^\uFEFF/, ""));
  if (read.kind === "unreadable") {
    return { problems: read.problems };
  }
  const reader = new FieldReader(read.frontMatter);
  const name = reader.readName(fallbackName);
  const { handoffs, targets } = readHandoffs(reader);
  const fields = {
    description: reader.read("description", text, { fallback: "", expected: "a sentence" }),
    models: reader.read("model", models, { fallback: [], expected: "a model name or a list of them" }),
    tools: reader.read("tools", names, { fallback: [], expected: "a list of tool names" }),
    triggers: reader.read("triggers", triggers, { fallback: [], expected: "a list of sentences" }),
  };
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
  return { definition, ranges: { name: read.frontMatter.locate(["name"]), handoffTargets: targets }, problems };
}

/** Reads field by field, so that one bad field does not lose the others. */
class FieldReader {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: Problem[] = [];
  readonly #frontMatter: FrontMatter;

  constructor(frontMatter: FrontMatter) {
    this.data = frontMatter.data;
    this.#frontMatter = frontMatter;
  }

  report(code: string, severity: Problem["severity"], at: { message: string; range: TextRange }): void {
    this.problems.push({ code, severity, ...at });
  }

  rangeOf(path: readonly (string | number)[]): TextRange {
    return this.#frontMatter.locate(path);
  }

  rangeOfKey(key: string): TextRange {
    return this.#frontMatter.locateKey(key);
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
    const result = text.safeParse(written);
    if (result.success) {
      return result.data;
    }
    const what = written === undefined || written === null ? "is missing" : `must be a text, not ${describe(written)}`;
    const consequence =
      fallbackName === undefined ? "" : ` Until then it is called \`${fallbackName}\`, after its file.`;
    const message = `\`name\` ${what}: write \`name: ${fallbackName ?? "my-agent"}\`.${consequence}`;
    this.report("missing-name", "error", { message, range: this.rangeOf(["name"]) });
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
  const { label, prompt, send = false } = fields.data;
  const agent = readTarget(reader, fields.data, path);
  const result = z.object({ label: text, agent: text, prompt: text }).safeParse({ label, agent, prompt });
  if (!result.success) {
    const missing = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
    const listed = missing.map((key) => `\`${key}\``).join(" and ");
    const message = `Handoff ${index + 1} needs a text for ${listed}. Without it there is no button.`;
    reader.report("invalid-handoff", "error", { message, range: reader.rangeOf([...path, missing[0] ?? "label"]) });
    return undefined;
  }
  if (typeof send !== "boolean") {
    const message = `\`send\` must be true or false, not ${describe(send)}. It counts as false: the prompt waits in the input box.`;
    reader.report("invalid-field", "error", { message, range: reader.rangeOf([...path, "send"]) });
  }
  return { ...result.data, send: send === true };
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
  const known = [...OWN_KEYS, ...FOREIGN_KEYS];
  for (const key of Object.keys(reader.data)) {
    const meant = known.includes(key) ? undefined : closestName(key, known);
    if (meant !== undefined && reader.data[meant] === undefined) {
      const message = `\`${key}\` is not a key that anything reads. Write \`${meant}\` if that is what you mean.`;
      reader.report("unknown-key", "warning", { message, range: reader.rangeOfKey(key) });
    }
  }
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
