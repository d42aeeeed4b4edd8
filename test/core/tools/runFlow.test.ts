import assert from "node:assert/strict";
import { test } from "node:test";
import type { FlowOutline } from "../../../src/core/metaflow/flowOutline.ts";
import { type RunFlowInput, runFlowTool } from "../../../src/core/tools/runFlow.ts";
import type { LaunchPlan, PlanRequest } from "../../../src/core/training/launchPlan.ts";
import { buildRun } from "../../support/runBuilder.ts";

const signal = new AbortController().signal;

const OUTLINE: FlowOutline = {
  name: "SweepFlow",
  steps: [
    { name: "start", purpose: "" },
    { name: "fit", purpose: "" },
  ],
  parameters: [
    { name: "learning-rate", type: "float", isRequired: false, default: "0.1" },
    { name: "data", type: "string", isRequired: true },
    { name: "fast", type: "boolean", isRequired: false },
  ],
  requiredConfigs: [],
  gpuNeeds: [{ step: "fit", gpus: 1 }],
};

function openTool({ gpus = 0, kind = "flow" }: { gpus?: number; kind?: LaunchPlan["kind"] } = {}) {
  const requests: PlanRequest[] = [];
  const launched: string[][] = [];
  const tool = runFlowTool({
    flows: { outline: async () => OUTLINE, countGpus: async () => gpus },
    launch: {
      async plan(request) {
        requests.push(request);
        const command = ["/w/.venv/bin/python", "flow.py", ...(request.arguments ?? [])];
        return { plan: { ...buildRun("running").record.plan, kind, command }, workspaceFolder: "/w" };
      },
      judge: async () => ({ refusals: [], askFirst: [] }),
      launch: async (plan) => {
        launched.push(plan.command);
        return "run-1";
      },
    },
  });
  return { tool, requests, launched };
}

async function check(input: Omit<RunFlowInput, "flow">, expected: string | RegExp, gpus = 0): Promise<void> {
  const { tool, requests, launched } = openTool({ gpus });
  const call = { flow: "flow.py", ...input };
  if (expected instanceof RegExp) {
    await assert.rejects(tool.run(call, signal), { name: "UserError", message: expected });
    assert.deepEqual(launched, []);
    return;
  }
  const { message } = (await tool.confirm?.(call, signal)) ?? {};
  assert.ok(message?.includes(expected), message);
  await tool.run(call, signal);
  assert.deepEqual(launched, [["/w/.venv/bin/python", "flow.py", ...(requests[0]?.arguments ?? [])]]);
}

test("the command that is shown holds the parameters as Metaflow reads them, and is what starts", async () => {
  const parameters = { data: "a b.csv", "learning-rate": 0.5, fast: true };
  await check({ parameters }, "--no-pylint run --data 'a b.csv' --learning-rate 0.5 --fast True");
  await check({ parameters: { data: "x" }, maxWorkers: 3 }, "run --data x --max-workers 3");
});

test("no more tasks run at once than the GPU takes, unless that is asked for", async () => {
  await check({ parameters: { data: "x" } }, "run --data x --max-workers 1", 4);
  await check({ parameters: { data: "x" }, maxWorkers: 4 }, "run --data x --max-workers 4", 4);
  await check({ parameters: { data: "x" }, device: "cpu" }, "run --data x\n", 4);
  await check({ parameters: { data: "x" }, device: [0, 2, 2] }, "run --data x --max-workers 2", 4);
});

test("a flow is given the GPUs that were named, each once", async () => {
  const { tool, requests } = openTool({ gpus: 4 });
  const call = { flow: "flow.py", parameters: { data: "x" }, device: [0, 2, 2] };
  await tool.confirm?.(call, signal);
  assert.deepEqual(requests[0]?.device, [0, 2]);
});

test("a run is resumed with its origin, from a step of the flow", async () => {
  await check({ resume: { runId: "1763", step: "fit" } }, "--no-pylint resume fit --origin-run-id 1763");
  await check({ resume: { runId: "1763" } }, "--no-pylint resume --origin-run-id 1763");
  await check({ resume: { runId: "1763", step: "gone" } }, /has no step gone\. Its steps: start, fit\./);
  await check({ resume: { runId: "--clone-only" } }, /is no id of a run|has no step/);
  await check({ resume: { runId: "1763" }, parameters: { data: "x" } }, /keeps the parameters of its origin/);
});

test("parameters that the flow would refuse start nothing", async () => {
  await check({}, /needs a value for data, which has no default/);
  await check({ parameters: { data: "x", rate: 1 } }, /no parameter rate\. It has learning-rate, data, fast\./);
  await check({ parameters: { data: "x", "learning-rate": "fast" } }, /learning-rate is a number/);
});

test("a script that is no flow starts nothing", async () => {
  const { tool } = openTool({ kind: "training" });
  await assert.rejects(tool.run({ flow: "train.py", parameters: { data: "x" } }, signal), /is no Metaflow flow/);
  const flow = openTool().tool;
  const call = { flow: "flow.py", parameters: { data: "argo-workflows create" } };
  await flow.confirm?.(call, signal);
  assert.match((await flow.run(call, signal)).text, /^Run run-1 is starting/);
});

test("the input is checked by its schema", () => {
  const { input } = openTool().tool;
  const isTaken = (value: unknown) => input.safeParse(value).success;
  assert.deepEqual(
    [{ flow: "f.py" }, {}, { flow: "f.py", maxWorkers: 0 }, { flow: "f.py", arguments: ["x"] }, { flow: "f\n.py" }].map(
      isTaken,
    ),
    [true, false, false, false, false],
  );
});
