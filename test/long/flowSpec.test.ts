import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { requireFlowName } from "../../src/core/metaflow/flowName.ts";
import { type FlowSpec, flowSpecSchema } from "../../src/core/metaflow/spec/flowSpec.ts";
import { renderSpec } from "../../src/core/metaflow/spec/renderSpec.ts";
import { inspectFlowText } from "../../src/node/metaflow/inspectFlow.ts";
import { createFlowScaffolder } from "../../src/node/metaflow/writeFlow.ts";
import { askMetaflow, type CorpusFlow, writeCorpus } from "../support/flowCorpus/parity.ts";
import { randomSpec } from "../support/flowCorpus/randomSpec.ts";
import { repositoryRoot, runPython, samplePython, temporaryFolder } from "../support/python.ts";

const SPECS = 500;
const ASKED = 60;

test("500 specs of any shape become flows without a finding, and Metaflow accepts a sample of them", async () => {
  const flows: CorpusFlow[] = [];
  for (let seed = 0; seed < SPECS; seed += 1) {
    const spec = flowSpecSchema.parse(randomSpec(seed));
    const name = requireFlowName(`spec s${seed}`);
    const text = renderSpec(spec, name);
    const { findings, flows: found } = await inspectFlowText(text, { path: `/nowhere/${name.moduleName}.py` });
    // The random code assigns one name in many steps, so what their join takes over may really differ; and what a join collects
    // is assigned by whoever fills the steps in, and until then it is rightly missed.
    const expected = new Set(["merge-conflict", "unknown-input"]);
    const grave = findings.filter(
      ({ severity, code }) => (severity === "error" || severity === "warning") && !expected.has(code),
    );
    assert.deepEqual(
      grave.map(({ code, message }) => `${code}: ${message}`),
      [],
      text,
    );
    assert.deepEqual(found[0]?.steps.length, spec.steps.length, text);
    const tooWide = text.split("\n").find((line) => line.length > 120 && !/[{[]/.test(line) && !line.includes('"""'));
    assert.equal(tooWide, undefined);
    if (seed % Math.ceil(SPECS / ASKED) === 0) {
      flows.push({ name: name.moduleName, files: new Map([[name.moduleName, text]]) });
    }
  }
  await using folder = await temporaryFolder();
  await writeCorpus(folder.path, flows);
  const answers = await askMetaflow(samplePython(), folder.path, flows);
  for (const { name, files } of flows) {
    const { error, mistake } = answers.get(name) ?? { error: "no answer" };
    assert.deepEqual({ error, mistake }, { error: undefined, mistake: null }, files.get(name));
  }
});

const ALL_CONSTRUCTS: FlowSpec = {
  doc: "Tries every construct once.",
  parameters: [
    { name: "learning-rate", type: "float", default: 0.1, min: 0, help: "Step size" },
    { name: "grid", type: "json", default: [1, 2], help: "Points to try" },
  ],
  steps: [
    { name: "start", doc: "Begin.", next: { kind: "branch", steps: ["left", "right"] } },
    { name: "left", doc: "Go left.", next: { kind: "foreach", step: "try_one", over: "grid" } },
    {
      name: "try_one",
      doc: "Try one point.",
      body: "self.score = self.input * self.learning_rate",
      decorators: [{ name: "retry", arguments: { times: 0 } }],
      next: { kind: "to", step: "join_points" },
    },
    { name: "join_points", doc: "Collect.", join: { collect: ["score"] }, next: { kind: "to", step: "choose" } },
    {
      name: "choose",
      doc: "Choose a way.",
      next: {
        kind: "switch",
        on: "way",
        cases: { good: "meet", bad: "mend" },
        choose: `"good" if max(self.all_score) > 1 else "bad"`,
      },
    },
    { name: "mend", doc: "Mend.", body: "self.mended = True", next: { kind: "to", step: "meet" } },
    { name: "meet", doc: "Go on.", next: { kind: "to", step: "join_sides" } },
    { name: "right", doc: "Go right.", next: { kind: "switch", on: "go", cases: { again: "right", done: "rested" } } },
    { name: "rested", doc: "Rest.", next: { kind: "to", step: "join_sides" } },
    { name: "join_sides", doc: "Join.", join: {}, card: true, next: { kind: "to", step: "end" } },
    { name: "end", doc: "End." },
  ],
};

test("a flow from a spec runs: branches, foreach, switch, loop and joins, with its parameters checked first", async () => {
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({
    workspaceFolder: workspace.path,
    templatesFolder: join(repositoryRoot, "templates"),
  });
  const planned = await scaffolder.plan({ origin: { kind: "spec", spec: ALL_CONSTRUCTS }, name: "all constructs" });
  assert.deepEqual(
    planned.outline.parameters.map(({ name, default: value }) => [name, value]),
    [
      ["learning-rate", "0.1"],
      ["grid", "[1,2]"],
    ],
  );
  const { flow } = await scaffolder.write(planned);
  const cwd = dirname(flow.path);
  const file = basename(flow.path);
  const finished = await runPython([file, "--no-pylint", "run", "--max-workers", "2"], { cwd });
  assert.equal(finished.exitCode, 0, finished.stdout + finished.stderr);
  const id = (await readFile(join(cwd, ".metaflow/.metaflow/AllConstructsFlow/latest_run"), "utf8")).trim();
  const source = `
import json
from metaflow import Run, namespace
namespace(None)
data = Run("AllConstructsFlow/${id}").data
print(json.dumps([data.all_score, data.way, data.mended, data.right_rounds]))`;
  const read = await runPython(["-c", source], { cwd });
  assert.deepEqual(JSON.parse(read.stdout || read.stderr), [[0.1, 0.2], "bad", true, 3]);
  const refused = await runPython([file, "--no-pylint", "run", "--learning-rate", "-1"], { cwd });
  assert.match(refused.stdout + refused.stderr, /ValueError: learning-rate must be at least 0, not -1\.0\./);
});

async function checkRefused(change: Partial<FlowSpec>, message: RegExp) {
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({ workspaceFolder: workspace.path, templatesFolder: "unused" });
  const spec: FlowSpec = {
    doc: "Refused.",
    steps: [
      { name: "start", doc: "Begin.", next: { kind: "to", step: "end" } },
      { name: "end", doc: "End." },
    ],
    ...change,
  };
  await assert.rejects(scaffolder.plan({ origin: { kind: "spec", spec }, name: "refused" }), {
    name: "UserError",
    message,
  });
}

test("a spec that is no flow is refused with what Metaflow would say, before anything is written", async () => {
  const [end] = [{ name: "end", doc: "End." }];
  await checkRefused(
    { steps: [{ name: "start", doc: "B.", next: { kind: "to", step: "nowhere" } }, end] },
    /start goes to nowhere, and there is no such step/,
  );
  await checkRefused(
    { steps: [{ name: "start", doc: "B.", next: { kind: "foreach", step: "end", over: "x" } }, end] },
    /no flow that Metaflow accepts/,
  );
  await checkRefused({ steps: [end, end] }, /step end is there twice/);
  await checkRefused({ decorators: [{ name: "shedule" }] }, /no flow decorator @shedule\. Did you mean @schedule\?/);
  await checkRefused(
    { decorators: [{ name: "schedule", arguments: { often: true } }] },
    /@schedule has no argument often/,
  );
  await checkRefused(
    { parameters: [{ name: "rate", type: "float", default: "fast", help: "Speed" }] },
    /default is not/,
  );
  await checkRefused(
    { parameters: [{ name: "n", type: "integer", default: 5, max: 3, help: "N" }] },
    /its own limits refuse/,
  );
});
