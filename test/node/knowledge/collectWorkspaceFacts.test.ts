import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { collectWorkspaceFacts } from "../../../src/node/knowledge/collectWorkspaceFacts.ts";
import { addVirtualEnvironment, scriptWorkspace } from "../../support/scriptWorkspace.ts";

test("collects what a workspace says about itself, each with its place", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write("requirements.txt", "# needs\ntorch>=2.4\n");
  await workspace.write("flows/train_flow.py", "from metaflow import FlowSpec\n\nclass Digits(FlowSpec):\n    pass\n");
  await workspace.write("configs/base.yaml", "training:\n  lr: 1e-3\n");
  await workspace.write("checkpoints/epoch_1.pt", "");
  await workspace.write("node_modules/x/requirements.txt", "keras\n");
  await addVirtualEnvironment(join(workspace.folder, ".venv"));
  await workspace.write(".venv/lib/python3.11/site-packages/torch-2.13.0.dist-info/METADATA", "");
  const { facts, omissions } = await collectWorkspaceFacts(workspace.folder);
  assert.deepEqual(omissions, []);
  assert.deepEqual(
    facts.map(({ key, value, source }) => `${key} ${value} ${source.path}:${source.line ?? ""}`),
    [
      "ml_framework torch >=2.4 requirements.txt:1",
      "config_dirs configs/base.yaml configs/base.yaml:1",
      "training_script train.py train.py:",
      "flow Digits flows/train_flow.py:2",
      "flows_dirs flows flows/train_flow.py:",
      "config_dirs configs configs:",
      "model_dirs checkpoints checkpoints:",
      "ml_framework torch 2.13.0 installed .venv/lib/python3.11/site-packages/torch-2.13.0.dist-info/METADATA:",
    ],
  );
});

test("finds nothing in an empty folder and in one that is gone", async () => {
  await using workspace = await scriptWorkspace();
  assert.deepEqual(await collectWorkspaceFacts(workspace.folder), { facts: [], omissions: [] });
  assert.deepEqual(await collectWorkspaceFacts(join(workspace.folder, "gone")), { facts: [], omissions: [] });
});
