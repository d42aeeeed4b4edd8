import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ListedAgent } from "../../../src/core/chat/agentList.ts";
import { watchAgentFiles } from "../../../src/editor/agents/agentFiles.ts";
import { registerAgentsView } from "../../../src/editor/agents/agentsView.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

const shippedFolder = fileURLToPath(new URL("../../../agents", import.meta.url));
const standings = [
  {
    name: "metaflow-agent",
    score: 3,
    evidence: [
      {
        found: "metaflow in dependencies",
        trigger: "metaflow in dependencies",
        folder: "/w",
        source: { path: "requirements.txt", line: 4 },
      },
    ],
  },
];

beforeEach(resetFake);

/** The view of a window whose workspace remembers `kept`; gives what was asked in the chat. */
function openView(kept: Map<string, unknown>): { asked: string[] } {
  const asked: string[] = [];
  registerAgentsView({
    files: watchAgentFiles(shippedFolder),
    rank: () => Promise.resolve(standings),
    state: {
      keys: () => [...kept.keys()],
      get: (key: string, fallback?: unknown) => kept.get(key) ?? fallback,
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
    },
    ask: ({ name }: ListedAgent) => Promise.resolve(void asked.push(name)),
  });
  return { asked };
}

async function rows(node?: unknown) {
  const view = fake.treeProviders.get("trainyard.agents");
  const nodes = (await Promise.resolve(view?.getChildren(node))) ?? [];
  const items = await Promise.all(nodes.map((each) => Promise.resolve(view?.getTreeItem(each))));
  return { nodes, labels: items.map((item) => [item?.label, item?.description ?? ""].join(" | ")) };
}

test("one agent is suggested above the ranked ones, and never again once that was dismissed", async () => {
  const kept = new Map<string, unknown>();
  openView(kept);
  const { labels } = await rows();
  assert.deepEqual(labels.slice(0, 3), [
    "Start with @metaflow-agent | ",
    "@metaflow-agent | metaflow in dependencies",
    "@ml-trainer | ",
  ]);
  await fake.commands.get("trainyard.dismissSuggestion")?.();
  assert.equal((await rows()).labels[0], "@metaflow-agent | metaflow in dependencies");
  resetFake();
  openView(kept);
  assert.equal((await rows()).labels[0], "@metaflow-agent | metaflow in dependencies");
});

test("taking the suggestion opens the chat with the agent and answers it", async () => {
  const { asked } = openView(new Map());
  const { nodes } = await rows();
  await fake.commands.get("trainyard.askListedAgent")?.(nodes[0]);
  assert.deepEqual(asked, ["metaflow-agent"]);
  assert.match((await rows()).labels[0] ?? "", /^@metaflow-agent/);
});

test("below an agent stands what speaks for it, with file and line", async () => {
  openView(new Map([["agents.suggestionAnswered", true]]));
  const { nodes } = await rows();
  assert.deepEqual((await rows(nodes[0])).labels, ["metaflow in dependencies | requirements.txt:5"]);
});
