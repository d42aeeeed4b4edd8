import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { diagnoseSlashCommand } from "../../../src/editor/training/diagnosis.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { createRun } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import {
  buildPlan,
  createPythonRun,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForState,
} from "../../support/runFixtures.ts";

beforeEach(resetFake);

const MISMATCH = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x5 and 4x2)";

async function openWindow(context: TestContext) {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  const diagnose = (prompt: string) =>
    diagnoseSlashCommand(monitor).answer({ prompt, references: [] }, AbortSignal.any([]));
  return { root, diagnose };
}

test("an error that was pasted is the one of the run that failed with it, or speaks for itself", async (context) => {
  const { root, diagnose } = await openWindow(context);
  const failed = await createPythonRun(root, `raise ${MISMATCH.replace(": ", '("')}")`);
  supervise("start", failed);
  await waitForState(failed, "failed");
  // A newer one that never started is in nobody's mind.
  await createRun(root, buildPlan(root, ["python3", "other.py"]), testReceipt);
  const known = await diagnose(MISMATCH);
  assert.match(known.markdown, /mat1 and mat2[\s\S]*Shapes|Shapes[\s\S]*mat1 and mat2/);
  assert.ok(known.buttons?.some(({ title }) => title === "Open Log"));

  const strange = await diagnose("ModuleNotFoundError: No module named 'timm'");
  assert.match(
    strange.markdown,
    /^No run of this workspace failed with these words[\s\S]*Module missing[\s\S]*pip install timm/,
  );
  assert.deepEqual(strange.buttons ?? [], []);
});

test("the diagnosis names the line of the workspace where it happened", async (context) => {
  const { root, diagnose } = await openWindow(context);
  await writeFile(join(root, "broken.py"), "\n\nraise ValueError('no labels')\n");
  const failed = await createRun(root, buildPlan(root, ["python3", join(root, "broken.py")]), testReceipt);
  supervise("start", failed);
  await waitForState(failed, "failed");
  assert.match((await diagnose("")).markdown, /^\*\*.*\*\* · failed .* · `broken\.py:3`\n\n/);
});
