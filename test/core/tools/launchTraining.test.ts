import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { launchTrainingTool } from "../../../src/core/tools/launchTraining.ts";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { buildRun } from "../../support/runBuilder.ts";

const signal = new AbortController().signal;

/** A workspace whose plan can change between two looks. */
function openTool() {
  const state = {
    plan: buildRun("running").record.plan,
    rules: { refusals: [] as string[], askFirst: [] as string[] },
  };
  const launched: { plan: LaunchPlan; workspaceFolder: string }[] = [];
  const tool = launchTrainingTool({
    plan: async () => ({ plan: state.plan, workspaceFolder: "/w" }),
    judge: async () => state.rules,
    launch: async (plan, workspaceFolder) => {
      launched.push({ plan, workspaceFolder });
      return "run-1";
    },
  });
  return { tool, state, launched };
}

test("the person is shown the command, and that is what starts", async () => {
  const { tool, state, launched } = openTool();
  const input = { script: "train.py" };
  const { title, message } = (await tool.confirm?.(input, signal)) ?? {};
  assert.equal(title, "Start digits?");
  assert.match(message ?? "", /\.venv\/bin\/python train\.py/);
  const { text, data } = await tool.run(input, signal);
  assert.match(text, /^Run run-1 is starting: \/w\/\.venv\/bin\/python train\.py\./);
  assert.deepEqual(data, { runId: "run-1", command: state.plan.command, checkpointFolder: undefined });
  assert.deepEqual(launched, [{ plan: state.plan, workspaceFolder: "/w" }]);
});

test("a plan that changed after it was confirmed starts nothing until it is shown again", async () => {
  const { tool, state, launched } = openTool();
  await tool.confirm?.({}, signal);
  state.plan = { ...state.plan, command: ["/usr/bin/python3", "train.py"] };
  await assert.rejects(
    tool.run({}, signal),
    (error) => error instanceof UserError && error.message.startsWith("The plan changed after it was confirmed"),
  );
  assert.deepEqual(launched, []);
  await tool.confirm?.({}, signal);
  await tool.run({}, signal);
  assert.equal(launched.length, 1);
});

test("a plan that was never shown is not started, and one that was shown starts once", async () => {
  const { tool, launched } = openTool();
  await assert.rejects(
    tool.run({ device: "cpu" }, signal),
    /Its plan was not shown to anybody, so nothing was started/,
  );
  await tool.confirm?.({ device: "cpu" }, signal);
  await tool.run({ device: "cpu" }, signal);
  await assert.rejects(tool.run({ device: "cpu" }, signal), /not shown/);
  assert.equal(launched.length, 1);
});

test("a rule that is asked about first is named in the question, and the run starts when it is agreed to", async () => {
  const { tool, state, launched } = openTool();
  state.rules.askFirst = ["Ask first: Train in mixed precision (`--amp`)."];
  const { message } = (await tool.confirm?.({}, signal)) ?? {};
  assert.match(message ?? "", /^> ⚠️ Ask first: Train in mixed precision \(`--amp`\)\./);
  await tool.run({}, signal);
  assert.equal(launched.length, 1);
});

test("what may never be is refused without a question, whether anybody was asked or not", async () => {
  const { tool, state, launched } = openTool();
  state.rules.refusals = ["Never: Train on test data (train.py:3)."];
  assert.equal(await tool.confirm?.({}, signal), undefined);
  await assert.rejects(
    tool.run({}, signal),
    (error) => error instanceof UserError && error.message.startsWith("Nothing was started. Never: Train on test data"),
  );
  assert.deepEqual(launched, []);
});

test("the input is a vector of arguments, never a command line", () => {
  const { tool } = openTool();
  const isAccepted = (input: unknown) => tool.input.safeParse(input).success;
  assert.equal(isAccepted({ arguments: ["--epochs", "5"] }), true);
  assert.equal(isAccepted({ arguments: "--epochs 5" }), false);
  assert.equal(isAccepted({ arguments: Array.from({ length: 201 }, () => "x") }), false);
  assert.equal(isAccepted({ device: "gpu" }), false);
  assert.equal(isAccepted({ command: "rm" }), false);
});

test("a deployment is not started by a tool, whatever stands between its words", async () => {
  const { tool, state, launched } = openTool();
  const command = ["python", "flow.py", "argo-workflows", "--name", "x", "create"];
  state.plan = { ...state.plan, kind: "flow", command };
  assert.equal(await tool.confirm?.({}, signal), undefined);
  await assert.rejects(
    tool.run({}, signal),
    /`argo-workflows` deploys, and .* agreed to with its cluster and namespace/,
  );
  assert.deepEqual(launched, []);
});
