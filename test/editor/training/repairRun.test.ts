import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import { showDiagnosis } from "../../../src/editor/training/diagnosis.ts";
import { repairRun } from "../../../src/editor/training/repairRun.ts";
import { identifyProcess } from "../../../src/node/base/processIdentity.ts";
import { acquireGpuLease } from "../../../src/node/training/gpuLease.ts";
import { userLeases } from "../../../src/node/training/runLeases.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, testReceipt } from "../../support/runFixtures.ts";

beforeEach(resetFake);

const FIRST = { index: 0, uuid: "GPU-9a1b2c33-5d2e-4f6a-8c9d-000000000000", name: "NVIDIA A10G" };
const OOM = `Traceback (most recent call last):
  File "train.py", line 3, in <module>
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 324.00 MiB.
`;

test("a repaired run leaves the GPU of the failed one to the run that has it now", async (context) => {
  const root = await makeWorkspace(context);
  const before = { ...process.env };
  context.after(() => Object.assign(process.env, before));
  Object.assign(process.env, replayedGpus("two"), { XDG_STATE_HOME: join(root, "state") });
  fake.workspaceFolder = root;
  const device: LaunchPlan["device"] = { kind: "cuda", reason: "idle", gpus: [FIRST] };
  const plan = buildPlan(root, ["python3", join(root, "train.py"), "--batch-size", "64"], {
    device,
    environment: { CUDA_VISIBLE_DEVICES: FIRST.uuid },
  });
  const folder = await createRun(root, plan, testReceipt);
  writeFileSync(join(folder, "status.json"), JSON.stringify({ ...buildRun("failed").status, exitCode: 1 }));
  writeFileSync(join(folder, "train.log"), OOM);
  const holder = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
  const lease = { schemaVersion: 1 as const, uuid: FIRST.uuid, runId: "other", title: "other", holder };
  const { folder: leases, isAlive } = userLeases();
  await acquireGpuLease(leases, { ...lease, acquiredAt: new Date().toISOString() }, isAlive);
  await repairRun(await readRun(folder), { supervisorPath: "/nowhere/supervisor.js", version: "0.0.0" });
  assert.deepEqual(fake.messages, ["Repair demo?"]);
  assert.match(fake.messageDetails[0] ?? "", /--batch-size 64 → 32\n[\s\S]*It gets GPU 1 \(NVIDIA A10G\) this time/);
});

test("beside the page of a diagnosis stands the button that repairs the run", async (context) => {
  const root = await makeWorkspace(context);
  fake.workspaceFolder = root;
  const plan = buildPlan(root, ["python3", join(root, "train.py"), "--batch-size", "64"]);
  const folder = await createRun(root, plan, testReceipt);
  writeFileSync(join(folder, "status.json"), JSON.stringify({ ...buildRun("failed").status, exitCode: 1 }));
  writeFileSync(join(folder, "train.log"), OOM);
  const run = await readRun(folder);
  fake.messageAnswers.set("demo: GPU out of memory", "Retry with batch 32");
  fake.builtInCommands.push("trainyard.repairRun", "markdown.showPreview");
  await showDiagnosis(run);
  assert.deepEqual(
    fake.executed.filter(({ command }) => command === "trainyard.repairRun").map(({ args }) => args),
    [[run.record.id]],
  );
});
