import assert from "node:assert/strict";
import { test } from "node:test";
import { drawFlows, withStatus } from "../../../src/core/metaflow/flowDrawing.ts";
import { summarizeFlows } from "../../../src/core/metaflow/flowSummary.ts";
import { FlowsClient } from "../../../src/node/metaflow/flowsClient.ts";
import { inspectFlowText } from "../../../src/node/metaflow/inspectFlow.ts";
import { longLine } from "../../support/flowCorpus/largeFlows.ts";

const place = { path: "/w/flow.py" };

const FLOW = `from metaflow import FlowSpec, step
class SumsFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.fit)
    @step
    def fit(self):
        """Fit it."""
        self.next(self.gone)
    @step
    def end(self):
        pass
`;

test("the thread says of a flow what reading it here says", async () => {
  using client = new FlowsClient();
  const summary = await client.summarize(FLOW, place);
  assert.deepEqual(summary, summarizeFlows(await inspectFlowText(FLOW, place)));
  assert.deepEqual(
    summary.flows.map(({ name, steps }) => [name, steps.map((step) => `${step.name}:${step.firstLine}`)]),
    [["SumsFlow", ["end:9", "fit:5", "start:2"]]],
  );
  assert.ok(summary.findings.some(({ message }) => message.includes("gone")));
});

test("a step is described at its definition and where it is named, and nothing anywhere else", async () => {
  using client = new FlowsClient();
  const at = async (line: number, column: number) =>
    (await client.describeStepAt(FLOW, place, { line, column }))?.markdown.split("\n")[0];
  const fit = "**fit**: a step of `SumsFlow`";
  assert.deepEqual([await at(6, 9), await at(4, 25), await at(4, 2), await at(0, 0)], [fit, fit, undefined, undefined]);
});

test("a flow is drawn with the steps that it has and names, and the places of those it has", async () => {
  using client = new FlowsClient();
  const drawings = await client.draw(FLOW, place);
  assert.deepEqual(drawings, drawFlows(await inspectFlowText(FLOW, place)));
  const [{ name, picture, places } = { name: "", picture: undefined, places: new Map() }] = drawings;
  assert.deepEqual([name, [...places.keys()]], ["SumsFlow", ["end", "fit", "start"]]);
  assert.equal(places.get("fit")?.range.start.line, 6);
  const status = new Map([["fit", { state: "done", text: "done 1 s" } as const]]);
  assert.deepEqual(picture && withStatus(picture, status).boxes.map((box) => [box.name, box.status?.text]), [
    ["end", undefined],
    ["fit", "done 1 s"],
    ["start", undefined],
    ["gone", undefined],
  ]);
  assert.deepEqual(await client.draw("x = 1\n", place), []);
});

test("this thread goes on while a large flow is checked", async () => {
  using client = new FlowsClient();
  await client.summarize(FLOW, place);
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns += 1;
    if (!isDone) {
      setImmediate(turn);
    }
  };
  turn();
  const { flows } = await client.summarize(longLine(1_000), place);
  const [drawing] = await client.draw(longLine(1_000), place);
  isDone = true;
  assert.equal(drawing?.picture.boxes.length, 1_000);
  assert.equal(flows[0]?.steps.length, 1_000);
  assert.ok(turns > 20, `the loop came round ${turns} times`);
});
