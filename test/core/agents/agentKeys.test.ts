import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentKey, HANDOFF_KEYS, keysOf } from "../../../src/core/agents/agentKeys.ts";
import type { AgentDialect } from "../../../src/core/agents/dialect.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";

/** What stands in the file when a person takes the first choice and writes `x` wherever the snippet waits. */
function filledIn({ key, value }: AgentKey): string {
  const chosen = value
    .replaceAll(/\$\{\d\|([^,|]*)[^}]*\}/g, "$1")
    .replaceAll(/\$\{\d:([^}]*)\}/g, "$1")
    .replaceAll(/"?\$\d"?/g, (stop) => (stop.startsWith('"') ? '"x"' : "x"));
  return `${key}:${chosen.replace(/(true|false)x/, "$1")}`;
}

function problemsWith(lines: readonly string[], dialect: AgentDialect = "native"): string[] {
  const text = ["---", ...lines, "---", "Help."].join("\n");
  return parseAgent(text, "file", dialect).problems.map(({ message }) => message);
}

test("what is completed for a key is read without a problem, in each dialect", () => {
  for (const dialect of ["native", "claude"] as const) {
    for (const key of keysOf(dialect)) {
      const others = ["name: x", "description: d"].filter((line) => !line.startsWith(`${key.key}:`));
      assert.deepEqual(problemsWith([...others, filledIn(key)], dialect), [], `${dialect} ${key.key}`);
    }
  }
});

function keys(dialect: AgentDialect): string[] {
  return keysOf(dialect).map(({ key }) => key);
}

test("what a host wants comes first, and what only Trainyard reads comes last", () => {
  assert.deepEqual(keys("claude").slice(0, 4), ["name", "description", "tools", "model"]);
  assert.deepEqual(keys("claude").slice(-6), ["handoffs", "triggers", "mcp", "extends", "commands", "boundaries"]);
  assert.deepEqual(keys("native").slice(-5), ["triggers", "mcp", "extends", "commands", "boundaries"]);
});

test("every key that Claude Code documents is known in its files", () => {
  const documented =
    "name description tools disallowedTools model permissionMode maxTurns skills mcpServers hooks memory background effort isolation color initialPrompt";
  assert.deepEqual(
    documented.split(" ").filter((key) => !keysOf("claude").some((known) => known.key === key)),
    [],
  );
});

test("every key that VS Code documents is known in its files", () => {
  const documented =
    "name description argument-hint tools agents model reasoning-effort user-invocable disable-model-invocation handoffs hooks target mcp-servers github metadata";
  assert.deepEqual(
    documented.split(" ").filter((key) => !keysOf("native").some((known) => known.key === key)),
    [],
  );
});

/** What is said about one line: `severity code→fix`. */
function saidOf(line: string, dialect: AgentDialect): string[] {
  const text = ["---", "name: x", "description: d", line, "---", "Help."].join("\n");
  return parseAgent(text, "file", dialect).problems.map(
    ({ severity, code, fix }) => `${severity} ${code}${fix === undefined ? "" : ` ${fix.text}`}`,
  );
}

test("a value that its reader passes over is told, with what was meant", () => {
  const cases: [line: string, dialect: AgentDialect, expected: string[]][] = [
    ['background: "true"', "claude", ["warning invalid-value true"]],
    ["background: yes", "claude", ["warning invalid-value true"]],
    ["maxTurns: '20'", "claude", ["warning invalid-value 20"]],
    ["maxTurns: many", "claude", ["warning invalid-value"]],
    ["permissionMode: acceptedits", "claude", ["warning invalid-value acceptEdits"]],
    ["permissionMode: somethingNewer", "claude", ["information invalid-value"]],
    ["memory: [user]", "claude", ["warning invalid-value"]],
    ["color: purpel", "claude", ["warning invalid-value purple"]],
    ['user-invocable: "false"', "native", ["warning invalid-value false"]],
    ["target: vs-code", "native", ["warning invalid-value vscode"]],
    ["argument-hint: [what]", "native", ["warning invalid-value"]],
    ["infer: true", "native", []],
  ];
  for (const [line, dialect, expected] of cases) {
    assert.deepEqual(saidOf(line, dialect), expected, line);
  }
});

test("a key of the other host is no misspelled one, and its repair would change what the file means", () => {
  const cases: [line: string, dialect: AgentDialect, expected: string[]][] = [
    ["mcpServers: [github]", "claude", []],
    ["mcpServers: [github]", "native", ["information unknown-key"]],
    ["mcp-servers: {}", "claude", ["information unknown-key"]],
    ["argument-hint: what", "claude", ["information unknown-key"]],
    ["dissallowedTools: Bash", "claude", ["warning unknown-key disallowedTools"]],
    ["version: 3", "native", ["information unknown-key"]],
  ];
  for (const [line, dialect, expected] of cases) {
    assert.deepEqual(saidOf(line, dialect), expected, `${dialect} ${line}`);
  }
});

test("what is completed for a key of a handoff is read without a problem", () => {
  const whole = HANDOFF_KEYS.map((key, index) => `${index === 0 ? "  - " : "    "}${filledIn(key)}`);
  assert.deepEqual(problemsWith(["name: x", "description: d", "handoffs:", ...whole]), []);
});
