import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { buildHandoffGraph } from "../../../src/core/agents/handoffGraph.ts";
import { handoffPicture } from "../../../src/core/agents/handoffPicture.ts";
import { layoutPicture } from "../../../src/core/base/drawing/layoutPicture.ts";
import { renderSvg } from "../../../src/core/base/drawing/renderSvg.ts";

const text = [
  "---",
  "name: ml-trainer",
  "description: Trains.",
  "handoffs:",
  "  - {label: Go, agent: helper, prompt: P, send: true}",
  "  - {label: Ask <b>, agent: gone, prompt: P}",
  "---",
  "Help.",
].join("\n");
const helper = "---\nname: helper\ndescription: Helps.\n---\nHelp.";
const catalog = collectAgents(
  [
    { path: "a/ml-trainer.agent.md", origin: "shipped", text },
    { path: "a/helper.agent.md", origin: "shipped", text: helper },
  ],
  { isWorkspaceTrusted: true },
);
const { picture, caption } = handoffPicture(buildHandoffGraph(catalog, ["ml-trainer"]));

test("the drawing tells agents of the chat, other agents and missing ones apart, and what sends by itself", () => {
  assert.deepEqual(
    picture.boxes.map(({ name, shape }) => [name, shape]),
    [
      ["helper", "round"],
      ["ml-trainer", "double-round"],
      ["gone", "missing"],
    ],
  );
  assert.deepEqual(picture.arrows, [
    { from: "ml-trainer", to: "helper", label: "sends", isHeavy: true },
    { from: "ml-trainer", to: "gone", label: "", isHeavy: false },
  ]);
});

test("all of it is said in words as well", () => {
  assert.deepEqual(
    picture.boxes.map(({ label }) => label),
    [
      "helper, custom agent. Receives from ml-trainer. Opens its file.",
      'ml-trainer, chat agent. Hands to helper with "Go", which sends by itself; gone with "Ask <b>". Opens its file.',
      "gone, no such agent. Receives from ml-trainer. Opens the agent that names it.",
    ],
  );
  assert.match(caption, /^2 agents, 2 handoffs\. .* Nobody is called gone .* Sends by itself: ml-trainer → helper\./);
});

test("names from files are text in the drawing", () => {
  const svg = renderSvg(layoutPicture(picture));
  assert.ok(svg.includes("Ask &lt;b&gt;") && !svg.includes("<b>"));
  assert.match(svg, /class="arrow heavy" stroke-width="3" data-from="ml-trainer" data-to="helper"/);
});

test("agents that are nearly all connected are drawn around those of the chat", () => {
  const names = ["ml-trainer", "a", "b", "c"];
  const nodes = names.map((name, index) => ({
    name,
    kind: index === 0 ? ("participant" as const) : ("custom-agent" as const),
    description: "",
  }));
  const edges = names.flatMap((from) =>
    names.filter((to) => to !== from).map((to) => ({ from, to, labels: ["Go"], sendsByItself: false })),
  );
  assert.deepEqual(handoffPicture({ nodes, edges }).picture.middle, ["ml-trainer"]);
  assert.equal(handoffPicture({ nodes, edges: edges.slice(0, 6) }).picture.middle, undefined);
});
