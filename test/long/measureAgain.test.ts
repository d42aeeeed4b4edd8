import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pendingEffects } from "../../src/core/workflow/workflowEffects.ts";
import type { WorkflowState } from "../../src/core/workflow/workflowState.ts";
import { finishTask } from "../../src/node/workflow/advanceWorkflow.ts";
import { readTests } from "../../src/node/workflow/testFiles.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import {
  BARE_PYTHON,
  benchOf,
  evidencePorts,
  openBench,
  pytestPython,
  type WorkflowBench,
} from "../support/workflowFolder.ts";
import { ADA, AT, outputFor, shippedWorkflow, WRITER } from "../support/workflows.ts";

/* What keeps a check from being measured, or made it fail, is put right without doing its phase again. */

const develop = shippedWorkflow("ml-development");
const smokeTests = develop.phases[8]?.steps[1]?.tasks[0] ?? assert.fail();

const asksForTests = (state: WorkflowState) => pendingEffects(state)[0]?.kind === "ask-to-run-tests";

async function allow(bench: WorkflowBench, workspace: string): Promise<void> {
  const held = await readTests(evidencePorts(workspace), ["test_model.py"]);
  assert.equal((await bench.apply({ kind: "tests-allowed", phase: 8, ...held })).refusal, undefined);
}

test("tests that need pytest wait until it is there, and count then without being recorded anew", async (context) => {
  const workspace = temporaryFolder(context);
  await openBench(workspace, develop);
  let python = BARE_PYTHON;
  const bench = benchOf(workspace, undefined, { python: () => Promise.resolve(python) });
  await bench.finishUntil(asksForTests);
  for (const text of ["import pytest\n\ndef test_adds(): assert 1 + 1 == 2\n", "def test_adds():\n    assert True\n"]) {
    await writeFile(join(workspace, "test_model.py"), text);
    await allow(bench, workspace);
    const { state, obstacle } = await bench.advance();
    assert.match(
      obstacle ?? "",
      /^test_model\.py needs pytest, which .* does not have\. Install it with `.* -m pip install pytest`/,
    );
    assert.equal(pendingEffects(state)[0]?.kind, "measure");
    assert.equal(state.phases[8]?.round, 1, "nothing has failed");
  }
  python = pytestPython();
  const { state, obstacle } = await bench.advance();
  assert.equal(obstacle, undefined);
  assert.equal(state.phases[8]?.kind, "done");
});

test("what failed is measured again at its gate, and nothing else is", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  await bench.finishUntil(asksForTests);
  await writeFile(join(workspace, "test_model.py"), "import there_is_no_such_module\n");
  await allow(bench, workspace);
  const waiting = (await bench.advance()).state;
  assert.equal(waiting.phases[8]?.kind, "awaiting-approval");
  const log = "evidence/09-integration/smoke-tests-1-round-1.log";
  assert.ok(log in waiting.documents);
  assert.match((await bench.apply({ kind: "proofs-reopened", phase: 8 }, WRITER)).refusal ?? "", /Only the person/);
  assert.match((await bench.apply({ kind: "proofs-reopened", phase: 7 })).refusal ?? "", /nothing to measure again/);
  const { state: open, refusal } = await bench.apply({ kind: "proofs-reopened", phase: 8 });
  assert.equal(refusal, undefined);
  assert.deepEqual([open.phases[8]?.kind, open.phases[8]?.round, log in open.documents], ["working", 1, false]);
  assert.equal((await bench.advance()).state.phases[8]?.kind, "awaiting-approval", "it fails as before");

  await bench.apply({ kind: "proofs-reopened", phase: 8 });
  await writeFile(
    join(workspace, "test_model.py"),
    "import unittest\n\nclass T(unittest.TestCase):\n    def test_it(self): ...\n",
  );
  assert.ok(asksForTests((await bench.advance()).state), "other tests are asked about");
  await allow(bench, workspace);
  const after = (await bench.advance()).state;
  assert.equal(after.phases[8]?.kind, "done");
  assert.match((await bench.apply({ kind: "proofs-reopened", phase: 8 })).refusal ?? "", /nothing to measure again/);
  assert.deepEqual((await benchOf(workspace).read()).phases, after.phases, "the journal says the same");
});

test("a person who does not let tests run says by hand how they went, and the document says whose word it is", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  const waiting = await bench.finishUntil(asksForTests);
  const reopened = { kind: "task-reopened" as const, task: "smoke-tests" };
  assert.match((await bench.apply(reopened, WRITER)).refusal ?? "", /Only the person/);
  assert.match(
    (await bench.apply({ ...reopened, task: "serving" })).refusal ?? "",
    /No check of the task "serving" waits/,
  );
  const { state, refusal } = await bench.apply(reopened);
  assert.equal(refusal, undefined);
  assert.equal(pendingEffects(state)[0]?.kind, "run-tasks");
  const output = outputFor(smokeTests);
  const said = output.kind === "checks" ? output.checks.map(({ proof: _none, ...check }) => check) : [];
  const place = { store: bench.store, id: "w-1", state, at: AT, by: ADA };
  assert.equal(await finishTask(place, smokeTests, { kind: "checks", checks: said }), undefined);
  const after = (await bench.advance()).state;
  assert.equal(after.phases[8]?.kind, "done");
  assert.equal(waiting.phases[8]?.kind, "working");
  assert.match(
    await readFile(join(bench.folder, "documents", "09-integration.md"), "utf8"),
    /\| Integration smoke tests \| passed \| ⚠ said by ada, not measured \|/,
  );
});
