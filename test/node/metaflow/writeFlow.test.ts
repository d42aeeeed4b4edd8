import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createFlowScaffolder } from "../../../src/node/metaflow/writeFlow.ts";
import { repositoryRoot, temporaryFolder } from "../../support/python.ts";

const templatesFolder = join(repositoryRoot, "templates");

test("a plan shows the whole file and writes nothing", async () => {
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({ workspaceFolder: workspace.path, templatesFolder });
  const flow = await scaffolder.plan({ origin: { kind: "template", template: "training" }, name: "churn training" });
  assert.equal(flow.relativePath, "churn_training_flow.py");
  assert.match(flow.text, /\nclass ChurnTrainingFlow\(FlowSpec\):/);
  assert.doesNotMatch(flow.text, /\bTrainingFlow\b|\btraining_flow\b/);
  await assert.rejects(readFile(flow.path), { code: "ENOENT" });
});

test("flows/ and workflows/ are used where they exist, and a given folder always", async () => {
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({ workspaceFolder: workspace.path, templatesFolder });
  const planned = async (folder?: string) =>
    (await scaffolder.plan({ origin: { kind: "template", template: "foreach-sweep" }, name: "churn", folder }))
      .relativePath;
  assert.equal(await planned(), "churn_flow.py");
  await mkdir(join(workspace.path, "workflows"));
  assert.equal(await planned(), "workflows/churn_flow.py");
  await mkdir(join(workspace.path, "flows"));
  assert.equal(await planned(), "flows/churn_flow.py");
  assert.equal(await planned("a/b"), "a/b/churn_flow.py");
  await assert.rejects(planned("../elsewhere"), /outside the workspace/);
});

test("an existing file stays as it is, and the next free name has its own class", async () => {
  await using workspace = await temporaryFolder();
  const scaffolder = createFlowScaffolder({ workspaceFolder: workspace.path, templatesFolder });
  await mkdir(join(workspace.path, "flows"));
  await writeFile(join(workspace.path, "flows/churn_flow.py"), "mine\n");
  await writeFile(join(workspace.path, "flows/churn_2_flow.py"), "mine too\n");
  const written = await scaffolder.write(
    await scaffolder.plan({ origin: { kind: "template", template: "training" }, name: "churn" }),
  );
  assert.ok(written.kind === "exists");
  assert.equal(await readFile(written.flow.path, "utf8"), "mine\n");
  assert.equal(written.alternative.relativePath, "flows/churn_3_flow.py");
  const second = await scaffolder.write(written.alternative);
  assert.equal(second.kind, "written");
  assert.match(await readFile(second.flow.path, "utf8"), /\nclass Churn3Flow\(FlowSpec\):/);
});
