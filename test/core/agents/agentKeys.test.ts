import assert from "node:assert/strict";
import { test } from "node:test";
import { AGENT_KEYS, type AgentKey, HANDOFF_KEYS } from "../../../src/core/agents/agentKeys.ts";
import { parseAgent } from "../../../src/core/agents/parseAgent.ts";

/** What stands in the file when a person takes the first choice and writes `x` wherever the snippet waits. */
function filledIn({ key, value }: AgentKey): string {
  const chosen = value
    .replaceAll(/\$\{\d\|([^,|]*)[^}]*\}/g, "$1")
    .replaceAll(/"?\$\d"?/g, (stop) => (stop.startsWith('"') ? '"x"' : "x"));
  return `${key}:${chosen.replace("falsex", "false")}`;
}

function problemsWith(lines: readonly string[]): string[] {
  return parseAgent(["---", ...lines, "---", "Help."].join("\n")).problems.map(({ message }) => message);
}

test("what is completed for a key is read without a problem", () => {
  for (const key of AGENT_KEYS) {
    const others = ["name: x", "description: d"].filter((line) => !line.startsWith(`${key.key}:`));
    assert.deepEqual(problemsWith([...others, filledIn(key)]), [], key.key);
  }
});

test("what is completed for a key of a handoff is read without a problem", () => {
  const whole = HANDOFF_KEYS.map((key, index) => `${index === 0 ? "  - " : "    "}${filledIn(key)}`);
  assert.deepEqual(problemsWith(["name: x", "description: d", "handoffs:", ...whole]), []);
});
