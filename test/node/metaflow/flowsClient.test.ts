import assert from "node:assert/strict";
import { test } from "node:test";
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
  isDone = true;
  assert.equal(flows[0]?.steps.length, 1_000);
  assert.ok(turns > 20, `the loop came round ${turns} times`);
});
