import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { FlowPresence } from "../../../src/editor/metaflow/flowPresence.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { Uri } from "../../support/fakeVscodeTypes.ts";
import { waitFor } from "../../support/poll.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

beforeEach(resetFake);

const published = () => fake.executed.filter(({ command }) => command === "setContext").length;

test("the Python of other people brings no flow into a workspace, a file of one's own does", async () => {
  await using workspace = await scriptWorkspace();
  fake.workspaceFolder = workspace.folder;
  const errors: unknown[] = [];
  using presence = Object.assign(new FlowPresence((error) => errors.push(error)), {
    [Symbol.dispose]: () => presence.dispose(),
  });
  await waitFor("the first search", async () => published() === 1);
  const write = async (path: string) => {
    await workspace.write(path, "class MyFlow(FlowSpec):\n    pass\n");
    // For the fake this is a deletion too, after which the workspace is searched.
    fake.fileChanged.fire(Uri.file(`${workspace.folder}/${path}`));
  };
  await write(".venv/lib/python3.11/site-packages/metaflow/flowspec.py");
  await waitFor("the search behind the change", async () => published() === 2);
  assert.equal(presence.hasFlows, false);
  await write("my_flow.py");
  await waitFor("one's own flow", async () => presence.hasFlows);
  assert.deepEqual(errors, []);
});
