import assert from "node:assert/strict";
import { relative } from "node:path";
import { beforeEach, test } from "node:test";
import { inspectFlow } from "../../../src/editor/metaflow/inspectedFlow.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

beforeEach(resetFake);

function flow(name: string): string {
  const steps = ["start", "end"].map((step) => `    @step\n    def ${step}(self):\n        pass\n`);
  return `from metaflow import FlowSpec, step\n\n\nclass ${name}(FlowSpec):\n${steps.join("\n")}`;
}

test("a flow is found by the path or the class that a request names, else the best one is taken", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  await workspace.write("a.py", flow("First"));
  await workspace.write("flows/churn.py", `${flow("Other")}\n\n${flow("ChurnFlow")}`);
  const asked: readonly (readonly [prompt: string, found: string])[] = [
    ["", "a.py First"],
    ["flows/churn.py", "flows/churn.py Other"],
    ["ChurnFlow", "flows/churn.py ChurnFlow"],
    ["the flow ChurnFlow to argo", "flows/churn.py ChurnFlow"],
    ["ChurnFlow in flows/churn.py", "flows/churn.py ChurnFlow"],
    ["FlowSpec", "a.py First"],
  ];
  for (const [prompt, expected] of asked) {
    const found = await inspectFlow({ prompt, references: [] }, new AbortController().signal);
    assert.equal(`${relative(workspace.folder, found.file)} ${found.flow.name}`, expected, prompt);
  }
});
