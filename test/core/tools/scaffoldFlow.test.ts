import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { requireFlowName } from "../../../src/core/metaflow/flowName.ts";
import type { FlowRequest, FlowScaffolder, PlannedFlow } from "../../../src/core/metaflow/flowScaffold.ts";
import { scaffoldFlowTool } from "../../../src/core/tools/scaffoldFlow.ts";

function plan(request: FlowRequest): PlannedFlow {
  const name = requireFlowName(request.name);
  const relativePath = `${request.folder ?? "flows"}/${name.moduleName}.py`;
  return {
    origin: request.origin,
    name,
    path: `/w/${relativePath}`,
    relativePath,
    text: `class ${name.className}\n`,
    outline: { name: name.className, steps: [], parameters: [], requiredConfigs: [], gpuNeeds: [] },
  };
}

/** A scaffolder over a set of taken paths instead of a disk. */
function fakeScaffolder(taken: Set<string>): FlowScaffolder {
  return {
    plan: async (request) => plan(request),
    async write(flow) {
      if (taken.has(flow.path)) {
        return { kind: "exists", flow, alternative: plan({ origin: flow.origin, name: `${flow.name.title} 2` }) };
      }
      taken.add(flow.path);
      return { kind: "written", flow };
    },
  };
}

const { signal } = new AbortController();
const request = { template: "training", name: "churn" } as const;

test("the person sees path and text before anything is written", async () => {
  const taken = new Set<string>();
  const confirmation = await scaffoldFlowTool(fakeScaffolder(taken)).confirm?.(request, signal);
  assert.equal(confirmation?.title, "Write flows/churn_flow.py?");
  assert.match(confirmation?.message ?? "", /`\/w\/flows\/churn_flow\.py`[\s\S]*class ChurnFlow/);
  assert.equal(taken.size, 0);
});

test("a run writes once and then offers a name that works", async () => {
  const taken = new Set<string>();
  const tool = scaffoldFlowTool(fakeScaffolder(taken));
  const first = await tool.run(request, signal);
  assert.match(first.text, /^Wrote `flows\/churn_flow\.py`/);
  const second = await tool.run(request, signal);
  assert.match(second.text, /exists already.*call again with the name "churn 2"\.$/);
  assert.match((await tool.run({ ...request, name: "churn 2" }, signal)).text, /^Wrote `flows\/churn_2_flow\.py`/);
  assert.deepEqual([...taken], ["/w/flows/churn_flow.py", "/w/flows/churn_2_flow.py"]);
});

test("a flow comes from a template or from a spec, and from one of them alone", async () => {
  const tool = scaffoldFlowTool(fakeScaffolder(new Set()));
  const spec = {
    doc: "Nothing much.",
    steps: [
      { name: "start", doc: "Begin.", next: { kind: "to" as const, step: "end" } },
      { name: "end", doc: "End." },
    ],
  };
  assert.match((await tool.run({ spec, name: "own" }, signal)).text, /^Wrote `flows\/own_flow\.py`/);
  await assert.rejects(tool.run({ ...request, spec }, signal), /either a template or a spec/);
  await assert.rejects(tool.run({ name: "churn" }, signal), /either a template or a spec/);
});

test("a cancelled run writes nothing", async () => {
  const taken = new Set<string>();
  await assert.rejects(scaffoldFlowTool(fakeScaffolder(taken)).run(request, AbortSignal.abort()));
  assert.equal(taken.size, 0);
});

test("a bad name is a sentence, an unknown template is refused by the schema", async () => {
  const tool = scaffoldFlowTool(fakeScaffolder(new Set()));
  await assert.rejects(tool.run({ ...request, name: "2 towers" }, signal), UserError);
  assert.equal(tool.input.safeParse({ template: "other", name: "churn" }).success, false);
  assert.equal(tool.input.safeParse({ template: "training", name: "" }).success, false);
  assert.deepEqual(tool.input.parse(request), request);
});
