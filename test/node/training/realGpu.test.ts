import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { chooseDevice } from "../../../src/core/training/gpuChoice.ts";
import { listGpuLeases } from "../../../src/node/training/gpuLease.ts";
import { queryGpus } from "../../../src/node/training/gpuQuery.ts";
import { userLeases } from "../../../src/node/training/runLeases.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { samplePython } from "../../support/python.ts";
import {
  buildPlan,
  makeWorkspace,
  supervise,
  testReceipt,
  waitForOutput,
  waitUntil,
} from "../../support/runFixtures.ts";

/** Long enough for two looks at the GPU, with a gigabyte that these can see. */
const TRAINING = `
import time, torch
assert torch.cuda.device_count() == 1, torch.cuda.device_count()
kept = torch.zeros(256 * 1024 * 1024, device="cuda")
weights = torch.randn(2048, 2048, device="cuda", requires_grad=True)
began = time.monotonic()
step = 0
while time.monotonic() - began < 12:
    loss = (weights @ weights).pow(2).mean()
    loss.backward()
    weights.data -= 1e-9 * weights.grad
    weights.grad = None
    step += 1
    if step % 100 == 0:
        print(f"step {step} loss {loss.item():.4f}", flush=True)
`;

const query = await queryGpus({ environment: process.env });
const python = process.env["TRAINYARD_GPU_PYTHON"] ?? samplePython();

/** Why no training can be run on a GPU here; false where one can. */
function whyNot(): string | false {
  if (query.kind === "none") {
    return query.reason;
  }
  const hasCuda = execFileSync(python, ["-c", "import torch; print(torch.cuda.is_available())"], { encoding: "utf8" });
  return hasCuda.trim() === "True" ? false : `${python} has a PyTorch without CUDA; TRAINYARD_GPU_PYTHON names another`;
}

test("a training on a real GPU sees the one it was given, holds its lease, and is measured on it", {
  skip: whyNot(),
}, async (context) => {
  const root = await makeWorkspace(context);
  const script = join(root, "train.py");
  await writeFile(script, TRAINING);
  const { folder: leases, isAlive } = userLeases();
  const taken = await listGpuLeases(leases, isAlive);
  const choice = chooseDevice({ requested: "auto", query, leases: taken, environment: process.env });
  assert.ok(choice.device.kind === "cuda", choice.device.reason);
  const { device, environment } = choice;
  const folder = await createRun(root, buildPlan(root, [python, script], { device, environment }), testReceipt, {
    stopGraceMs: 300,
  });
  const start = supervise("start", folder);
  await waitForOutput(start, "step 100 ");
  const [uuid] = device.gpus.map((gpu) => gpu.uuid);
  assert.ok((await listGpuLeases(leases, isAlive)).some((lease) => lease.uuid === uuid));
  assert.equal(await start.ended, 0, start.output);
  const { status } = await readRun(folder);
  assert.equal(status.state, "finished");
  assert.ok((status.resources?.gpus?.[0]?.peakUsedMiB ?? 0) >= 1024, JSON.stringify(status.resources));
  await waitUntil("the GPU is free again", async () =>
    (await listGpuLeases(leases, isAlive)).every((lease) => lease.uuid !== uuid),
  );
});
