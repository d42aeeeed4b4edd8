import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { findDatastore, listRunNames, readRuns } from "../../../src/node/metaflow/runs/localDatastore.ts";
import { readTaskLog } from "../../../src/node/metaflow/runs/taskLog.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { requestStop } from "../../../src/node/training/stopRequest.ts";
import { samplePython } from "../../support/python.ts";
import {
  buildPlan,
  makeWorkspace,
  processesOf,
  supervise,
  testReceipt,
  waitForOutput,
  waitUntil,
} from "../../support/runFixtures.ts";

const FLOW = `
import time
from metaflow import FlowSpec, step
class WaitFlow(FlowSpec):
    @step
    def start(self):
        print("waiting for the end", flush=True)
        time.sleep(60)
        self.next(self.end)
    @step
    def end(self):
        pass
if __name__ == "__main__":
    WaitFlow()
`;

test("a flow that is stopped writes how its task ended, with its log, and leaves no process", async (context) => {
  const root = await makeWorkspace(context);
  const script = join(root, "wait_flow.py");
  await writeFile(script, FLOW);
  const plan = buildPlan(root, [samplePython(), script, "--no-pylint", "run"], {
    kind: "flow",
    script,
    environment: { METAFLOW_USER: "tester", METAFLOW_DATASTORE_SYSROOT_LOCAL: root },
  });
  // Long enough that a slow machine does not go on to the next signal, after which Metaflow would write nothing.
  const folder = await createRun(root, plan, testReceipt, { stopGraceMs: 20_000 });
  const start = supervise("start", folder);
  await waitForOutput(start, "waiting for the end");
  await requestStop(await readRun(folder), "graceful");
  await start.ended;
  assert.equal((await readRun(folder)).state, "stopped");
  const environment = { METAFLOW_DATASTORE_SYSROOT_LOCAL: root };
  const datastore = (await findDatastore({ folder: root, environment })) ?? "";
  const [run] = await readRuns(datastore, await listRunNames(datastore, { count: 1 }));
  const [task] = run?.tasks ?? [];
  assert.ok(run && task);
  assert.deepEqual([run.state, task.step, task.state], ["failed", "start", "failed"]);
  assert.match(await readTaskLog(datastore, run, task), /waiting for the end/);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});
