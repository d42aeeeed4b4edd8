import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { type AnswerAbove, chooseHandoffButtons } from "../../../src/core/chat/handoffButtons.ts";

const catalog = collectAgents(
  ["a", "b", "c"].map((name) => ({
    path: `agents/${name}.agent.md`,
    origin: "shipped",
    text: `---\nname: ${name}\ndescription: Helps.\n---\nYou help.`,
  })),
  { isWorkspaceTrusted: true },
);

function check(agents: string, shown: string, rest: string, above?: AnswerAbove) {
  const handoffs = agents.split("").map((agent) => ({ label: agent, agent, prompt: "Please.", send: false }));
  const chosen = chooseHandoffButtons(handoffs, catalog, above);
  assert.deepEqual(
    [chosen.shown, chosen.rest].map((list) => list.map(({ agent }) => agent).join("")),
    [shown, rest],
  );
}

test("installed targets come first, and what is too much stands behind one button", () => {
  check("", "", "");
  check("xa", "ax", "");
  check("xyazb", "ab", "xyz");
});

test("a single one left over is shown", () => {
  check("xya", "axy", "");
  check("xa", "ax", "", { ownButtons: 3 });
});

test("those whose work follows the answer come first, and one stays beside buttons of the answer", () => {
  check("abcxyz", "cb", "azxy", { followedBy: ["z", "c", "b"] });
  check("xyzw", "zx", "yw", { followedBy: ["z"] });
  check("abcxyz", "c", "baxyz", { followedBy: ["c", "b"], ownButtons: 3 });
  check("abcxyz", "a", "bcxyz", { ownButtons: 1 });
});
