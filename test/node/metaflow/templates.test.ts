import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import type { FlowRequest } from "../../../src/core/metaflow/flowScaffold.ts";
import { flowTemplateIds, flowTemplates } from "../../../src/core/metaflow/flowTemplate.ts";
import { checkFlow } from "../../../src/node/metaflow/checkFlow.ts";
import { createFlowScaffolder } from "../../../src/node/metaflow/writeFlow.ts";
import { repositoryRoot, runPython, samplePython, temporaryFolder } from "../../support/python.ts";

const templatesFolder = join(repositoryRoot, "templates");

async function scaffold(workspaceFolder: string, request: FlowRequest): Promise<string> {
  const scaffolder = createFlowScaffolder({ workspaceFolder, templatesFolder });
  const written = await scaffolder.write(await scaffolder.plan(request));
  assert.equal(written.kind, "written");
  return written.flow.path;
}

/** Runs a flow to its end and answers the artifacts of the finished run that `expression` names. */
async function run(file: string, args: readonly string[], expression: string): Promise<unknown> {
  const cwd = dirname(file);
  const finished = await runPython([basename(file), "--no-pylint", "run", "--run-id-file", "run-id", ...args], { cwd });
  assert.equal(finished.exitCode, 0, finished.stdout + finished.stderr);
  const className = /class (\w+Flow)\(FlowSpec\)/;
  const source = `
import json, re
from metaflow import Run, namespace
namespace(None)
name = re.search(r"${className.source}", open(${JSON.stringify(basename(file))}).read())[1]
run = Run(f"{name}/{open('run-id').read()}")
assert run.successful
data = run.data
print(json.dumps(${expression}))`;
  const read = await runPython(["-c", source], { cwd });
  assert.equal(read.exitCode, 0, read.stderr);
  return JSON.parse(read.stdout);
}

async function checkRefused(file: string, args: readonly string[], message: RegExp) {
  const finished = await runPython([basename(file), "--no-pylint", "run", ...args], { cwd: dirname(file) });
  assert.notEqual(finished.exitCode, 0);
  assert.match(finished.stdout + finished.stderr, message);
}

test("the training flow is accepted by Metaflow and runs with its defaults", async () => {
  await using workspace = await temporaryFolder();
  const file = await scaffold(workspace.path, { template: "training", name: "churn", folder: "flows" });
  assert.deepEqual(await checkFlow(samplePython(), file), { kind: "ok" });
  const output = await run(
    file,
    [],
    `{**data.summary, "epochs": len(data.history["val_accuracy"]), "best": max(data.history["val_accuracy"]),
      "samples": [data.num_samples, len(data.y_train), len(data.y_val)],
      "devices": sorted({str(weight.device) for weight in data.best_model_state.values()})}`,
  );
  const summary = z.looseObject({
    run_id: z.string(),
    results: z.object({ val_accuracy: z.number() }),
    best: z.number(),
  });
  const { run_id: runId, results, best, ...rest } = summary.parse(output);
  assert.match(runId, /^\d+$/);
  // The best weights were kept as they were, not as later epochs changed them.
  assert.ok(Math.abs(results.val_accuracy - best) < 1e-6);
  assert.ok(best > 0.85, `val_accuracy ${best}`);
  assert.deepEqual(rest, {
    parameters: { learning_rate: 0.0001, batch_size: 32, epochs: 10, seed: 42 },
    artifacts: ["best_model_state", "history", "metrics"],
    epochs: 10,
    samples: [1797, 1437, 360],
    devices: ["cpu"],
  });
  const cards = await readdir(join(workspace.path, "flows/.metaflow/mf.cards/ChurnFlow/runs", runId, "steps"));
  assert.deepEqual(cards, ["evaluate"]);
});

test("the training flow refuses parameters that cannot work before it computes anything", async () => {
  await using workspace = await temporaryFolder();
  const file = await scaffold(workspace.path, { template: "training", name: "churn" });
  await checkRefused(file, ["--learning-rate", "0"], /ValueError: learning_rate must be greater than zero, not 0\.0/);
  await checkRefused(file, ["--epochs", "-1"], /ValueError: epochs must be greater than zero, not -1/);
});

test("the sweep is accepted by Metaflow and ranks its nine combinations", async () => {
  await using workspace = await temporaryFolder();
  const file = await scaffold(workspace.path, { template: "foreach-sweep", name: "churn" });
  assert.deepEqual(await checkFlow(samplePython(), file), { kind: "ok" });
  const output = await run(file, ["--max-workers", "2"], `{"all": data.all_results, "best": data.best_result}`);
  const combination = z.object({
    learning_rate: z.number(),
    batch_size: z.number(),
    accuracy: z.number(),
    train_loss: z.number(),
  });
  const { all, best } = z.object({ all: z.array(combination), best: combination }).parse(output);
  assert.deepEqual(
    new Set(all.map((result) => `${result.learning_rate} ${result.batch_size}`)),
    new Set([0.0001, 0.001, 0.01].flatMap((rate) => [16, 32, 64].map((size) => `${rate} ${size}`))),
  );
  const accuracies = all.map((result) => result.accuracy);
  assert.deepEqual(
    accuracies,
    accuracies.toSorted((a, b) => b - a),
  );
  assert.deepEqual(best, all[0]);
  assert.ok((accuracies[0] ?? 0) > 0.93, `best accuracy ${accuracies[0]}`);
});

test("the sweep goes on without the combination that failed, and refuses a grid that is none", async () => {
  await using workspace = await temporaryFolder();
  const file = await scaffold(workspace.path, { template: "foreach-sweep", name: "churn" });
  const args = ["--learning-rates", "[0.01, 1e300]", "--batch-sizes", "[64]", "--epochs", "1"];
  assert.deepEqual(await run(file, args, `[result["learning_rate"] for result in data.all_results]`), [0.01]);
  await checkRefused(file, ["--batch-sizes", "[]"], /batch-sizes must be a JSON list with at least one number/);
  await checkRefused(file, ["--batch-sizes", "[0]"], /batch-sizes must hold numbers greater than zero, not 0/);
  await checkRefused(file, ["--batch-sizes", "[1.5]"], /batch-sizes must hold whole numbers/);
});

test("what people are told about a template is what its file says", async () => {
  for (const id of flowTemplateIds) {
    const template = flowTemplates[id];
    const source = `
import json, re
from ${template.moduleName} import ${template.className} as Flow
parameters = []
for _, parameter in Flow._get_parameters():
    parameter.init()
    parameters.append([f"--{parameter.name}", str(parameter.kwargs["default"]), parameter.kwargs["help"]])
order, name = [], "start"
while name:
    order.append(name)
    name = next(iter(Flow._graph[name].out_funcs), None)
print(json.dumps({"steps": order, "parameters": sorted(parameters)}))`;
    const finished = await runPython(["-c", source], { cwd: templatesFolder });
    assert.equal(finished.exitCode, 0, finished.stderr);
    assert.deepEqual(JSON.parse(finished.stdout), {
      steps: template.steps.map((step) => step.name),
      parameters: template.parameters
        .toSorted((a, b) => (a.flag < b.flag ? -1 : 1))
        .map((each) => [each.flag, each.default, each.help]),
    });
  }
});
