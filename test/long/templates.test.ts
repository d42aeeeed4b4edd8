import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import type { FlowRequest } from "../../src/core/metaflow/flowScaffold.ts";
import { type FlowTemplateId, flowTemplateIds, flowTemplates } from "../../src/core/metaflow/flowTemplate.ts";
import { checkFlow } from "../../src/node/metaflow/checkFlow.ts";
import { createFlowScaffolder } from "../../src/node/metaflow/writeFlow.ts";
import { repositoryRoot, runPython, samplePython, temporaryFolder } from "../support/python.ts";

const templatesFolder = join(repositoryRoot, "templates");

type TemplateRequest = Omit<FlowRequest, "origin"> & { template: FlowTemplateId };

async function scaffold(workspaceFolder: string, { template, ...place }: TemplateRequest): Promise<string> {
  const scaffolder = createFlowScaffolder({ workspaceFolder, templatesFolder });
  const written = await scaffolder.write(await scaffolder.plan({ origin: { kind: "template", template }, ...place }));
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

test("what people are told about a template is what Metaflow finds in its file", async () => {
  const source = `
import importlib, json, sys
def text(value):
    return "" if value is None else str(value)
for argument in sys.argv[1:]:
    module, name = argument.split(":")
    flow = getattr(importlib.import_module(module), name)
    parameters = []
    for _, parameter in flow._get_parameters():
        if parameter.IS_CONFIG_PARAMETER:
            continue
        parameter.init()
        parameters.append([parameter.name, text(parameter.kwargs.get("default")), parameter.kwargs["help"]])
    print(json.dumps({"steps": sorted(node.name for node in flow._graph), "parameters": sorted(parameters)}))`;
  const templates = flowTemplateIds.map((id) => flowTemplates[id]);
  const names = templates.map(({ moduleName, className }) => `${moduleName}:${className}`);
  const finished = await runPython(["-c", source, ...names], { cwd: templatesFolder });
  assert.equal(finished.exitCode, 0, finished.stderr);
  const answers: unknown[] = finished.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({ workspaceFolder: workspace.path, templatesFolder });
  for (const [index, { id, label, packages }] of templates.entries()) {
    const { outline } = await scaffolder.plan({ origin: { kind: "template", template: id }, name: "churn" });
    const parameters = outline.parameters.map((each) => [each.name, each.default ?? "", each.help ?? ""]);
    assert.deepEqual(
      {
        steps: outline.steps.map(({ name }) => name).toSorted(),
        parameters: parameters.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
      },
      answers[index],
      label,
    );
    assert.ok(
      outline.steps.every(({ purpose }) => /^[A-Z].*[.]$/.test(purpose)),
      `${label} has steps without a sentence`,
    );
    assert.ok(packages.includes("metaflow"));
  }
});

/** What each of the quick templates leaves behind when it runs with its defaults. */
const DEFAULT_RUNS: Readonly<Record<string, { expression: string; expected: z.ZodType }>> = {
  "quality-gate": {
    expression: `{"route": data.route, "filled": data.num_filled > 0, "samples": data.num_train_samples, "good": data.val_accuracy > 0.9}`,
    expected: z.strictObject({
      route: z.literal("clean"),
      filled: z.literal(true),
      samples: z.literal(1437),
      good: z.literal(true),
    }),
  },
  artifacts: {
    expression: `{"config": data.config, "shape": list(data.features.shape), "url": data.published_url}`,
    expected: z.strictObject({
      config: z.strictObject({ components: z.literal(16), whiten: z.literal(false) }),
      shape: z.tuple([z.literal(1797), z.literal(16)]),
      url: z.null(),
    }),
  },
  robust: {
    expression: `{"success": data.success, "error": data.error_message, "same": data.chosen_accuracy == data.val_accuracy}`,
    expected: z.strictObject({ success: z.literal(true), error: z.null(), same: z.literal(true) }),
  },
  kubernetes: {
    expression: `{"good": data.val_accuracy > 0.9, "host": data.host}`,
    expected: z.strictObject({ good: z.literal(true), host: z.string().min(1) }),
  },
  batch: {
    expression: `{"folds": len(data.accuracies), "failed": data.failed_folds, "good": data.mean_accuracy > 0.9}`,
    expected: z.strictObject({ folds: z.literal(3), failed: z.literal(0), good: z.literal(true) }),
  },
  scheduled: {
    expression: `{"rows": data.summary["rows"], "columns": len(data.drift)}`,
    expected: z.strictObject({ rows: z.literal(200), columns: z.literal(64) }),
  },
  "batch-inference": {
    expression: `{"predictions": len(data.predictions), "sum": sum(data.counts.values()), "right": float((data.predictions == __import__("sklearn.datasets").datasets.load_digits().target).mean()) > 0.95}`,
    expected: z.strictObject({ predictions: z.literal(1797), sum: z.literal(1797), right: z.literal(true) }),
  },
  retraining: {
    expression: `{"champion": data.champion_run, "promoted": data.is_promoted, "trigger": data.triggered_by}`,
    expected: z.strictObject({ champion: z.null(), promoted: z.literal(true), trigger: z.null() }),
  },
};

test("every other template is accepted by Metaflow and runs with its defaults", async () => {
  await using workspace = await temporaryFolder();
  const waiting = Object.entries(DEFAULT_RUNS);
  assert.deepEqual(
    new Set(["training", "foreach-sweep", ...waiting.map(([id]) => id)]),
    new Set<string>(flowTemplateIds),
  );
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [id, { expression, expected }] = next;
      const template = z.enum(flowTemplateIds).parse(id);
      // Each in a folder of its own: what they leave there has the same names.
      const file = await scaffold(workspace.path, { template, name: `my ${id}`, folder: id });
      expected.parse(await run(file, ["--max-workers", "2"], expression));
    }
  };
  await Promise.all([work(), work()]);
});

test("templates take the other way where the parameters ask for it", async () => {
  await using workspace = await temporaryFolder();
  const robust = await scaffold(workspace.path, { template: "robust", name: "robust", folder: "robust" });
  const failed = await run(
    robust,
    ["--learning-rate", "1e300"],
    `[data.success, data.error_message, type(data.chosen_model).__name__]`,
  );
  const [success, message, model] = z.tuple([z.boolean(), z.string(), z.string()]).parse(failed);
  assert.deepEqual([success, model], [false, "DummyClassifier"]);
  assert.match(message, /^ValueError: /);
  const gate = await scaffold(workspace.path, { template: "quality-gate", name: "gate", folder: "gate" });
  await checkRefused(gate, ["--min-quality", "1.5"], /min-quality must lie between 0 and 1, not 1\.5/);
});
