import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FlowChecks } from "../../../src/editor/metaflow/flowCheck.ts";
import { flowSlashCommands } from "../../../src/editor/metaflow/flowReplies.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(resetFake);

const EXTENSION = fileURLToPath(new URL("../../..", import.meta.url));

function openWindow(context: TestContext) {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  const checks = new FlowChecks();
  context.after(() => checks.dispose());
  const ask = async (name: string, prompt: string, routed: { isRouted?: true } = {}) => {
    const command = flowSlashCommands(EXTENSION, checks).find((each) => each.name === name);
    assert.ok(command);
    return command.answer({ prompt, references: [], ...routed }, new AbortController().signal);
  };
  const scaffold = (prompt: string, routed: { isRouted?: true } = {}) => ask("scaffold", prompt, routed);
  return { root, scaffold, ask };
}

test("what was read out of free text is shown and written by its button only", async (context) => {
  const { root, scaffold } = openWindow(context);
  for (const prompt of ["create a flow to detect fraud in transactions", "write a flow called churn in flows/"]) {
    const { markdown } = await scaffold(prompt, { isRouted: true });
    assert.match(
      markdown,
      /^Nothing was written yet\. `\S+_flow\.py` would hold the flow `\w+Flow`, from the template/,
    );
  }
  assert.deepEqual(await readdir(root), []);
  const { markdown, buttons } = await scaffold("turn train.py into a Metaflow flow", { isRouted: true });
  assert.match(markdown, /`train\.py` is not read and stays as it is/);
  assert.deepEqual(await readdir(root), []);
  assert.equal(buttons?.[0]?.title, "Write train_flow.py");
  const [argument] = buttons?.[0]?.arguments ?? [];
  assert.deepEqual(argument, { agent: "metaflow-agent", command: "scaffold", prompt: 'training called "train"' });
  assert.match((await scaffold('training called "train"')).markdown, /^Wrote `train_flow\.py`/);
});

test("says before it writes what the template trains on, and writes nothing in Restricted Mode", async (context) => {
  const { root, scaffold } = openWindow(context);
  const { markdown } = await scaffold("create a flow that trains a classifier on iris", { isRouted: true });
  assert.match(markdown, /on the digits that scikit-learn brings along; put your own data into `_load_…`/);
  fake.isTrusted = false;
  await assert.rejects(scaffold("training called churn"), {
    message: /Restricted Mode, and writing a flow puts code into it\. Trust the workspace/,
  });
  assert.deepEqual(await readdir(root), []);
});

test("a typed command writes at once, unless it names a script or a folder that is not there", async (context) => {
  const { root, scaffold } = openWindow(context);
  assert.match((await scaffold("convert train.py into a flow")).markdown, /^Nothing was written yet/);
  assert.match((await scaffold("churn in pipelines")).markdown, /no folder `pipelines` here.*write `pipelines\/`/);
  assert.deepEqual(await readdir(root), []);
  await mkdir(join(root, "pipelines"));
  assert.match((await scaffold("churn in pipelines")).markdown, /^Wrote `pipelines\/churn_flow\.py`/);
  assert.match((await scaffold("training flow called churn in flows/")).markdown, /^Wrote `flows\/churn_flow\.py`/);
});

test("says that steps and parameters in words are not read, and writes nothing before", async (context) => {
  const { root, scaffold } = openWindow(context);
  const { markdown, buttons } = await scaffold(
    "a flow called churn with steps load, fit and report and a parameter lr",
  );
  assert.match(markdown, /^Nothing was written yet/);
  assert.match(markdown, /Which steps and parameters you name is not read without a language model/);
  assert.deepEqual(await readdir(root), []);
  const [argument] = buttons?.[0]?.arguments ?? [];
  assert.deepEqual(argument, { agent: "metaflow-agent", command: "scaffold", prompt: 'training called "churn"' });
  assert.match((await scaffold('training called "steps"')).markdown, /^Wrote/);
  assert.match((await scaffold("hyper-parameter sweep called tuning")).markdown, /^Wrote/);
});

test("/graph shows the steps of a flow, and opens the panel", async (context) => {
  const { root, scaffold, ask } = openWindow(context);
  await scaffold('sweep called "churn"');
  const { markdown, references, buttons } = await ask("graph", "churn_flow.py");
  assert.match(markdown, /^```text\nChurnFlow: \d steps\n {2}start \(start, line \d+\) {2}-> .*\n[^]*join/);
  assert.equal(references?.[0]?.path, join(root, "churn_flow.py"));
  assert.deepEqual(
    buttons?.map(({ command }) => command),
    ["trainyard.showFlowGraph", "trainyard.checkFlow"],
  );
});
