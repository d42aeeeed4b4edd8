import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { receiptCommands } from "../../../src/editor/training/receiptCommands.ts";
import { RunMonitor } from "../../../src/editor/training/runMonitor.ts";
import { collectReceipt } from "../../../src/node/training/receipt.ts";
import { createRun, listRuns } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace } from "../../support/runFixtures.ts";

beforeEach(resetFake);

const program = { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" };

/** A finished run of a script that reads `data.csv`, and its commands. */
async function finishRun(context: TestContext, change: Partial<LaunchPlan> = {}) {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const monitor = new RunMonitor((error) => assert.fail(String(error)));
  context.after(() => monitor.dispose());
  writeFileSync(join(root, "train.py"), "print('done')\n");
  writeFileSync(join(root, "data.csv"), "1,2\n");
  const plan = buildPlan(root, ["sh", join(root, "train.py"), "--data", "data.csv"], {
    arguments: [{ flag: "--data", value: "data.csv", source: "given" }],
    ...change,
  });
  const folder = await createRun(root, plan, await collectReceipt(root, program.version, plan));
  writeFileSync(join(folder, "status.json"), JSON.stringify(buildRun("finished").status));
  await monitor.refresh();
  const [run] = monitor.known.runs;
  assert.ok(run);
  return { root, run, commands: receiptCommands({ monitor, program }) };
}

async function countRuns(root: string): Promise<number> {
  return (await listRuns(root)).runs.length;
}

test("a run is reproduced after it was said that nothing differs, and only when the person agrees", async (context) => {
  const { root, run, commands } = await finishRun(context);
  await commands["reproduceRun"]?.({ run });
  assert.deepEqual(fake.messages, ["Reproduce demo?"]);
  assert.match(fake.messageDetails[0] ?? "", /train\.py --data data\.csv\n\nNothing that was recorded differs/);
  assert.equal(await countRuns(root), 1);
  fake.messageAnswers.set("Reproduce demo?", "Start");
  await commands["reproduceRun"]?.({ run });
  const { runs } = await listRuns(root);
  assert.equal(runs.length, 2);
  assert.deepEqual(runs[0]?.record.plan, run.record.plan);
  const [task] = fake.startedTasks;
  assert.deepEqual(task?.execution.args, [program.supervisorPath, "start", runs[0]?.folder]);
});

test("what is not as it was then is said before a run is reproduced", async (context) => {
  const { root, run, commands } = await finishRun(context);
  writeFileSync(join(root, "data.csv"), "1,2\n3,4\n");
  fake.messageAnswers.set("Reproduce demo?", "Start");
  await commands["reproduceRun"]?.({ run });
  assert.match(fake.messageDetails[0] ?? "", /Not as it was then:\n.*data\.csv/);
  assert.equal(await countRuns(root), 1, "it takes a button that says that it is another run");
});

test("a secret that no file holds is asked for, and given to the process alone", async (context) => {
  const { root, run, commands } = await finishRun(context, { unrecorded: ["DEMO_API_KEY"] });
  fake.messageAnswers.set("Reproduce demo?", "Start");
  fake.inputBox = () => undefined;
  await assert.rejects(Promise.resolve(commands["reproduceRun"]?.({ run })), { name: "Canceled" });
  assert.equal(await countRuns(root), 1);
  fake.inputBox = () => "hunter22";
  await commands["reproduceRun"]?.({ run });
  assert.match(fake.messageDetails[0] ?? "", /The value of DEMO_API_KEY was not recorded and has to be given again\./);
  assert.equal(fake.startedTasks[0]?.execution.options?.env?.["DEMO_API_KEY"], "hunter22");
  const { runs } = await listRuns(root);
  assert.doesNotMatch(JSON.stringify(runs[0]?.record), /hunter22/);
});
