import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { chooseHandoffButtons } from "../../../src/core/chat/handoffButtons.ts";

const catalog = collectAgents(
  ["a", "b"].map((name) => ({
    path: `agents/${name}.agent.md`,
    origin: "shipped",
    text: `---\nname: ${name}\ndescription: Helps.\n---\nYou help.`,
  })),
  { isWorkspaceTrusted: true },
);

function check(agents: string, shown: string, rest: string) {
  const handoffs = agents.split("").map((agent) => ({ label: agent, agent, prompt: "Please.", send: false }));
  const chosen = chooseHandoffButtons(handoffs, catalog);
  assert.deepEqual(
    [chosen.shown, chosen.rest].map((list) => list.map(({ agent }) => agent).join("")),
    [shown, rest],
  );
}

test("installed targets come first, and what is too much stands behind one button", () => {
  check("", "", "");
  check("xa", "ax", "");
  check("xyazb", "abx", "yz");
});

test("a single one left over is shown", () => {
  check("xyab", "abxy", "");
});
