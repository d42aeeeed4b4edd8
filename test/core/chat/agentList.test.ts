import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { describeListedAgent, explainListedAgent, listAgents, suggestAgent } from "../../../src/core/chat/agentList.ts";
import { describeModelUsed } from "../../../src/core/chat/agentTools.ts";
import { listCommands } from "../../../src/core/chat/builtInReply.ts";
import { routeIntent } from "../../../src/core/chat/routeIntent.ts";

function agent(name: string, origin: "shipped" | "workspace", line = "tools: [read]") {
  const text = ["---", `name: ${name}`, "description: Helps.", line, "---", "Help."].join("\n");
  return { path: `${origin}/${name}.agent.md`, origin, text };
}

const catalog = collectAgents(
  [
    agent("eval-agent", "shipped"),
    agent("ml-trainer", "shipped"),
    agent("metaflow-agent", "shipped"),
    agent("own", "workspace", "tool: [read]"),
  ],
  { isWorkspaceTrusted: true },
);
const torch = {
  found: "torch in dependencies",
  trigger: "torch in dependencies",
  folder: "/w",
  source: { path: "requirements.txt", line: 0 },
};
const script = { found: "train.py exists", trigger: "train.py exists", folder: "/w", source: { path: "train.py" } };
const participants = ["metaflow-agent", "ml-trainer"];
const standings = [{ name: "ml-trainer", score: 4, evidence: [torch, script] }];

test("agents that fit come first, then those of the chat, then the workspace's own", () => {
  assert.deepEqual(
    listAgents(catalog, standings, participants).map((each) => `${each.name}: ${describeListedAgent(each)}`),
    ["ml-trainer: torch in dependencies +1", "metaflow-agent: ", "own: 1 problem", "eval-agent: "],
  );
});

test("the best agent is suggested where something speaks for it, and nobody where nothing does", () => {
  assert.equal(suggestAgent(listAgents(catalog, standings, participants))?.name, "ml-trainer");
  assert.equal(suggestAgent(listAgents(catalog, [], participants)), undefined);
});

test("the reasons name file and line", () => {
  const [best, next] = listAgents(catalog, standings, participants);
  assert.ok(best && next);
  assert.equal(
    explainListedAgent(best),
    "**@ml-trainer**\n\nHelps.\n\nWhat speaks for it here:\n\n- torch in dependencies (requirements.txt:1)\n- train.py exists",
  );
  assert.match(explainListedAgent(next), /Nothing in this workspace matches its triggers\.$/);
});

test("where several agents could take a request, the one that fits the workspace does", () => {
  const commands = [
    { name: "run", participant: "metaflow-agent", description: "runs" },
    { name: "train", participant: "ml-trainer", description: "trains" },
    { name: "results", participant: "metaflow-agent", description: "shows" },
    { name: "results", participant: "ml-trainer", description: "shows" },
  ];
  const route = (text: string, ranking: readonly string[]) => {
    const intent = routeIntent(text, "mlops-engineer", { commands, ranking });
    return intent.kind === "other-agent" ? `@${intent.participant} /${intent.command}` : intent.kind;
  };
  assert.equal(route("show me the results", []), "@metaflow-agent /results");
  assert.equal(route("show me the results", ["ml-trainer", "metaflow-agent"]), "@ml-trainer /results");
  assert.equal(route("start it", []), "unknown");
  assert.equal(route("start it", ["ml-trainer"]), "@ml-trainer /train");
  assert.equal(route("start it", ["metaflow-agent", "ml-trainer"]), "@metaflow-agent /run");
  const { markdown } = listCommands("mlops-engineer", commands, {
    situation: { hasRuns: false, isTraining: false, hasFlows: false, hasWorkflow: false },
    fitting: [{ name: "ml-trainer", reason: "torch in dependencies" }],
  });
  assert.match(markdown, /\*\*@ml-trainer\*\* \(fits here: torch in dependencies\)[\s\S]*\*\*@metaflow-agent\*\*:/);
});

test("says which model answered, and which one is preferred where that is another", () => {
  const opus = { name: "Claude Opus 4.5", family: "claude-opus-4.5", id: "a" };
  const other = { name: "Other", family: "other", id: "b" };
  const cases: [preferences: string[], available: (typeof opus)[], expected: RegExp][] = [
    [[], [opus], /^Answered by Other\.$/],
    [["other"], [opus], /^Answered by Other\.$/],
    [
      ["claude-4-5-opus"],
      [opus, other],
      /^Answered by Other\. This agent prefers Claude Opus 4\.5, which you can pick/,
    ],
    [
      ["claude-4-5-opus"],
      [other],
      /^Answered by Other\. This agent prefers claude-4-5-opus, which is not available here\.$/,
    ],
  ];
  for (const [preferences, available, expected] of cases) {
    assert.match(describeModelUsed(preferences, other, available), expected);
  }
});
