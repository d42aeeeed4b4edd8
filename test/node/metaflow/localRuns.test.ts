import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findFinishedRun } from "../../../src/node/metaflow/localRuns.ts";

const FLOW = { name: "Churn", endStep: "end" };

/** A store as Metaflow leaves it: run → whether its last task succeeded. */
async function makeStore(root: string, runs: Readonly<Record<string, boolean>>): Promise<void> {
  for (const [run, isOk] of Object.entries(runs)) {
    const meta = join(root, ".metaflow", "Churn", run, "end", "5", "_meta");
    await mkdir(meta, { recursive: true });
    const metadatum = { type: "internal_attempt_status", value: isOk ? "True" : "False" };
    await writeFile(join(meta, "sysmeta_attempt_ok_1795259682187.json"), JSON.stringify(metadatum, null, 1));
  }
}

test("the newest run whose last step succeeded is found from the folder of the flow upwards", async (context) => {
  const root = await mkdtemp(join(tmpdir(), "trainyard-store-"));
  context.after(() => rm(root, { recursive: true }));
  const flow = join(root, "flows", "churn.py");
  await mkdir(join(root, "flows"));
  assert.equal(await findFinishedRun(flow, FLOW, {}), undefined);
  await makeStore(root, { "9": true, "10": true, "11": false });
  assert.equal(await findFinishedRun(flow, FLOW, {}), "10");
  assert.equal(await findFinishedRun(flow, { ...FLOW, name: "Other" }, {}), undefined);
  const elsewhere = { METAFLOW_DATASTORE_SYSROOT_LOCAL: join(root, "nowhere") };
  assert.equal(await findFinishedRun(flow, FLOW, elsewhere), undefined);
});
