import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { planAgentWrite, writeForAgent } from "../../../src/node/workflow/agentWrite.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench } from "../../support/workflowFolder.ts";
import { AT, shippedWorkflow, WRITER } from "../../support/workflows.ts";

test("an agent at work writes what was shown, and nothing over a file that has changed since", async (context) => {
  const workspaceFolder = temporaryFolder(context);
  const bench = await openBench(workspaceFolder, shippedWorkflow("ml-development"));
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  const place = { store: bench.store, id: "w-1", workspaceFolder, at: AT };
  const file = join(workspaceFolder, "model.py");
  const write = { agent: WRITER.name, path: "model.py", content: "a = 1\n" };
  const shown = await planAgentWrite(workspaceFolder, "model.py", {});
  assert.deepEqual(shown, { earlier: undefined, isOfPerson: false });
  await writeFile(file, "mine = 1\n");
  await assert.rejects(
    writeForAgent(place, write, { earlier: undefined }),
    /model\.py has changed since the person was asked/,
  );
  assert.equal(await readFile(file, "utf8"), "mine = 1\n");
  assert.equal((await bench.read()).refusals, 1);

  const plan = async () => planAgentWrite(workspaceFolder, "model.py", (await bench.read()).files);
  assert.deepEqual(await plan(), { earlier: "mine = 1\n", isOfPerson: true });
  assert.deepEqual(await writeForAgent(place, write, { earlier: "mine = 1\n" }), { path: "model.py" });
  assert.equal(await readFile(file, "utf8"), "a = 1\n");
  assert.deepEqual(await plan(), { earlier: "a = 1\n", isOfPerson: false });
  await writeFile(file, "a = 1  # mine again\n");
  assert.deepEqual(await plan(), { earlier: "a = 1  # mine again\n", isOfPerson: true });
  const closed = { ...write, path: ".git/hooks/pre-commit" };
  await assert.rejects(writeForAgent(place, closed, { earlier: undefined }), /do not write to \.git/);
  assert.equal((await bench.read()).refusals, 2);
});
