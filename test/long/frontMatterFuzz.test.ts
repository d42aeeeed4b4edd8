import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isMap, parseDocument } from "yaml";
import type { AgentDefinition, ParsedAgent } from "../../src/core/agents/agentDefinition.ts";
import { keysOf } from "../../src/core/agents/agentKeys.ts";
import { findNameFlaw } from "../../src/core/agents/agentName.ts";
import type { AgentDialect } from "../../src/core/agents/dialect.ts";
import { parseAgent } from "../../src/core/agents/parseAgent.ts";
import { seededRandom } from "../support/seededRandom.ts";

type Seed = { text: string; dialect: AgentDialect };

const SHIPPED = ["ml-trainer", "docs-agent", "ml-writer", "data-prep"].map(
  (name): Seed => ({
    text: readFileSync(new URL(`../../agents/${name}.agent.md`, import.meta.url), "utf8"),
    dialect: "native",
  }),
);

/** One file of each host with every key that it knows, as its completion writes them. */
const COMPLETE = (["native", "claude"] as const).map((dialect): Seed => {
  const lines = keysOf(dialect).map(
    ({ key, value }) => `${key}:${value.replaceAll(/\$\{\d[|:]([^,|}]*)[^}]*\}|\$\d/g, "$1")}`,
  );
  return { text: ["---", ...lines, "---", "You help.", ""].join("\n"), dialect };
});

const WRITTEN: Seed = {
  text: [
    "---",
    "name: reviewer",
    "description: Use it to review. Context: a PR. user: look",
    "tools: Agent(tester, writer), Read, Bash(git diff:*), TaskOutput",
    "disallowedTools: [Write, Edit]",
    "model: sonnet[1m]",
    "permissionMode: plan",
    "maxTurns: 20",
    "mcpServers:",
    "  - github",
    "  - local: {type: stdio, command: uvx, args: [mcp-server-git]}",
    "memory: project",
    "background: false",
    "isolation: worktree",
    "effort: high",
    "skills: [style]",
    "hooks: {PreToolUse: [{matcher: Bash, hooks: [{type: command, command: ./check.sh}]}]}",
    "color: cyan",
    "---",
    "You review.",
    "",
  ].join("\n"),
  dialect: "claude",
};

const SEEDS = [...SHIPPED, ...COMPLETE, WRITTEN];
const YAML_SNIPPETS =
  "--- - : [ { ] } &a *a | > ? ' \" # !!js/function name: __proto__: <<:*a ${globalThis.wasRun=true}".split(" ");
const SNIPPETS = YAML_SNIPPETS.concat(
  ["---js\n", "\n---\n", "\t", "\r\n", "%YAML 1.1\n", "\u0000", "\u{1f600}", "handoffs: 5", "send: maybe", " "],
  YAML_SNIPPETS.map((snippet) => `\n${snippet} `),
);

function mutate(source: string, random: () => number): string {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  let text = source;
  for (let count = 1 + Math.floor(random() * 6); count > 0; count--) {
    const at = Math.floor(random() * Math.min(text.length, 1_500));
    const length = Math.floor(random() * 30);
    const kinds = [
      () => text.slice(0, at) + (pick(SNIPPETS) ?? "") + text.slice(at),
      () => text.slice(0, at) + text.slice(at + length),
      () => text.slice(0, at) + text.slice(at, at + length) + text.slice(at),
      () => text.slice(0, at),
      () => text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0xffff)) + text.slice(at + 1),
    ];
    text = pick(kinds)?.() ?? text;
  }
  return text;
}

/** A file of VS Code whose front matter is gone, and not only damaged, is instructions alone. */
function isInstructions(source: string, dialect: AgentDialect): boolean {
  const lines = source.split("\n");
  const fence = lines.findIndex((line) => line.startsWith("---"));
  const above = fence === -1 ? lines.filter((line) => line.trim() !== "").slice(0, 1) : lines.slice(0, fence);
  const hasKey = above.some((line) => /^\s*(?:name|description|tools|model|handoffs)\s*:/.test(line));
  const firstText = lines.find((line) => line.trim() !== "") ?? "---";
  return dialect === "native" && !hasKey && !firstText.trimStart().startsWith("---");
}

/**
 * The data and the body that a damaged file still holds, read line by line and without our limits and messages; nothing
 * where its fences or its YAML are broken.
 */
function whatIsLeft(
  source: string,
  dialect: AgentDialect,
): { data: Record<string, unknown>; body: string } | undefined {
  if (isInstructions(source, dialect)) {
    return { data: {}, body: source };
  }
  const [first = "", ...lines] = source.split("\n");
  const closing = lines.findIndex((line) => line.startsWith("---"));
  if (first.trimEnd() !== "---" || lines[closing]?.trimEnd() !== "---") {
    return undefined;
  }
  const yaml = lines.slice(0, closing).join("\n").replace(/\r$/, "");
  const strict = parseDocument(yaml, { logLevel: "silent" });
  const document = strict.errors.length === 0 ? strict : parseDocument(withQuotedProse(yaml), { logLevel: "silent" });
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) {
    return undefined;
  }
  return { data: document.toJS() ?? {}, body: lines.slice(closing + 1).join("\n") };
}

/** The first line of a description may hold colons: with quotes around it the same is YAML. */
function withQuotedProse(yaml: string): string {
  return yaml.replace(
    /^(description:[ \t]+)([^"'|>{[&*!#%@`\s].*?)([ \t]+#.*)?((?:\n[ \t]+\S.*)*)$/m,
    (whole, ...[key, prose = "", comment = "", more = ""]: string[]) => {
      const isPlain = !/:(?:\s|$)|\s#/m.test(more) && (comment === "" || more === "");
      const folded = [prose, ...more.split("\n").slice(1)].map((line) => line.trim()).join(" ");
      return isPlain ? `${key}${JSON.stringify(folded)}${comment}` : whole;
    },
  );
}

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

function isUsable(handoff: unknown): boolean {
  return (
    typeof handoff === "object" &&
    handoff !== null &&
    ["label", "agent", "prompt"].every((key) => isText(Object.entries(handoff).find(([name]) => name === key)?.[1]))
  );
}

/** Whether a list of tools limits them; one that cannot be read does, and allows none. */
const hasList = (tools: unknown) => tools !== undefined && tools !== null && typeof tools !== "string";

/** Each field that the damage left whole is read as it stands. */
function checkDefinition(definition: AgentDefinition, { data, body }: { data: Record<string, unknown>; body: string }) {
  const { name, description, tools, triggers, handoffs } = data;
  const list = (value: unknown) => (Array.isArray(value) ? value.filter(isText).map((item) => item.trim()) : []);
  assert.equal(definition.name, isText(name) && findNameFlaw(name.trim()) === undefined ? name.trim() : "damaged");
  assert.equal(definition.body, body.trim());
  assert.equal(definition.description, isText(description) ? description.trim() : "");
  assert.deepEqual(typeof tools === "string" ? undefined : definition.tools, hasList(tools) ? list(tools) : undefined);
  assert.deepEqual(typeof triggers === "string" ? [] : definition.triggers, list(triggers));
  assert.equal(definition.handoffs.length, Array.isArray(handoffs) ? handoffs.filter(isUsable).length : 0);
  for (const key of Object.keys(data).filter((each) => !FIELDS.includes(each))) {
    assert.deepEqual(definition.extra[key], data[key], key);
  }
}

const FIELDS = ["name", "description", "model", "tools", "handoffs", "triggers", "boundaries"];

/** Many times what the slowest of them takes, and far below what a quadratic reader would. */
const MAX_CPU_MS = 250;

/** The time that this thread worked, which other processes of a busy machine do not lengthen. */
function cpuTimeOf(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

test("10,000 damaged agent files each give what is left whole or a problem inside the file, in bounded time", () => {
  const random = seededRandom(20_261_121);
  let definitions = 0;
  for (let index = 0; index < 10_000; index++) {
    const { text, dialect } = SEEDS[index % SEEDS.length] ?? WRITTEN;
    const source = mutate(text, random);
    let parsed: ParsedAgent = { problems: [] };
    const cpuMs = cpuTimeOf(() => (parsed = parseAgent(source, "damaged", dialect)));
    assert.ok(cpuMs < MAX_CPU_MS, `mutation ${index} took ${cpuMs} ms`);
    const { definition, problems } = parsed;
    const left = whatIsLeft(source, dialect);
    assert.equal(definition === undefined, left === undefined, `mutation ${index}: ${problems[0]?.message}`);
    if (definition === undefined || left === undefined) {
      assert.equal(problems[0]?.severity, "error", `no problem for mutation ${index}`);
    } else {
      definitions += 1;
      checkDefinition(definition, left);
    }
    const lineCount = source.split("\n").length;
    for (const { range, message } of problems) {
      assert.ok(range.start.line >= 0 && range.start.line < lineCount && range.start.column >= 0, message);
      assert.ok(range.end.line > range.start.line || range.end.column >= range.start.column, message);
    }
  }
  assert.ok(definitions > 1_500 && definitions < 8_500, `${definitions} of 10,000 gave a definition`);
  assert.equal("wasRun" in globalThis, false);
});

const SIZE = 16_000;
const fill = (snippet: string, size = SIZE): string => snippet.repeat(Math.ceil(size / snippet.length)).slice(0, size);
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

test("a file that is written to take long is refused or read in bounded time", () => {
  const hostile: Record<string, readonly [frontMatter: string, body?: string]> = {
    "60,000 empty lines": ["\n".repeat(60_000)],
    "as many empty lines as are read": ["\n".repeat(990)],
    "lines of blanks": [lines(990, () => " ".repeat(15))],
    "8,000 keys": [lines(8_000, (index) => `a${index}:`)],
    "as many keys as are read": [lines(990, (index) => `a${index}:`)],
    "keys in braces": [`{${lines(2_500, (index) => `a${index}`).replaceAll("\n", ",")}}`],
    "8,000 triggers": [`triggers: [${fill("a,", 15_900)}]`],
    "as many triggers as are read": [`triggers:\n${lines(980, (index) => `- a${index}`)}`],
    "8,000 tools in one text": [`tools: ${fill("a,", 15_900)}`],
    "8,000 aliases": [`a: &a [x]\nb: [${fill("*a,", 15_000)}]`],
    "nested lists": [fill("[")],
    "nested keys": [fill("a: {")],
    "wrong escapes": [`a: "${fill("\\x", 15_900)}"`],
    "wrong marks": [`[${fill(",")}`],
    "100,000 placeholders": ["name: x", fill("{a_b}", 500_000)],
    "lines of placeholders": ["name: x", fill("{a_b}\n", 500_000)],
    "a placeholder without end": ["name: x", `{a${fill("_b", 500_000)}`],
  };
  for (const [name, [frontMatter, body = ""]] of Object.entries(hostile)) {
    let parsed: ParsedAgent = { problems: [] };
    const cpuMs = cpuTimeOf(() => (parsed = parseAgent(`---\n${frontMatter}\n---\n${body}`, "hostile")));
    assert.ok(cpuMs < 2 * MAX_CPU_MS, `${name}: ${cpuMs} ms`);
    assert.ok(parsed.problems.length > 0, name);
  }
});
