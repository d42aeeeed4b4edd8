import assert from "node:assert/strict";
import { test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import {
  estimateFromModel,
  estimateFromRuns,
  largerEstimate,
  memoryWarning,
} from "../../../src/core/training/memoryEstimate.ts";
import type { Run } from "../../../src/core/training/runRecord.ts";
import { buildRun } from "../../support/runBuilder.ts";

const billion = { parameters: 1_000_000_000, hasOptimizerState: true };

const needed = (bytesPerParameter: number, hasOptimizerState: boolean) =>
  estimateFromModel({ ...billion, bytesPerParameter, hasOptimizerState }).neededMiB;

test("weights, gradients and the moments of the optimizer are the least that a training needs", () => {
  assert.deepEqual([needed(4, true), needed(2, true), needed(4, false)], [15_259, 11_445, 7_630]);
});

/** A run that used so much, with a batch of 32. */
function earlier(change: { peakMemoryMiB?: number; gpuMiB?: number }): Run {
  const { peakMemoryMiB = 0, gpuMiB } = change;
  const gpus = gpuMiB === undefined ? [] : [{ uuid: "GPU-1", peakUsedMiB: gpuMiB }];
  const run = buildRun("finished", {
    resources: { sampledAt: "", cpuPercent: 100, memoryMiB: 1, peakMemoryMiB, gpus },
  });
  const device = gpuMiB === undefined ? run.record.plan.device : onGpu(24_000).device;
  const plan: LaunchPlan = { ...run.record.plan, device, arguments: [batchOf("32")] };
  return { ...run, record: { ...run.record, plan } };
}

function batchOf(value: string): LaunchPlan["arguments"][number] {
  return { flag: "--batch-size", value, source: "given" };
}

function onGpu(freeMiB: number): Pick<LaunchPlan, "device"> {
  const gpu = { index: 0, uuid: "GPU-1", name: "A10G", totalMiB: 24_000, freeMiB };
  return { device: { kind: "cuda", reason: "idle", gpus: [gpu] } };
}

test("the newest run of the same script on the same kind of device tells what it used", () => {
  const { plan } = buildRun("running").record;
  const runs = [earlier({ gpuMiB: 20_000 }), earlier({ peakMemoryMiB: 3_000 })];
  const id = "20261121-030000-digits-0001";
  assert.deepEqual(estimateFromRuns({ ...plan, arguments: [batchOf("64")] }, runs), {
    neededMiB: 3_000,
    basis: `what run ${id} used; --batch-size was 32 then, now it is 64`,
  });
  assert.deepEqual(estimateFromRuns({ ...plan, ...onGpu(1) }, runs), {
    neededMiB: 20_000,
    basis: `what run ${id} used`,
  });
  assert.equal(estimateFromRuns({ ...plan, script: "/w/other.py" }, runs), undefined);
});

test("warns where it cannot fit, and is silent where it can or nobody knows", () => {
  const estimate = largerEstimate({ neededMiB: 2_048, basis: "a" }, { neededMiB: 10_240, basis: "what run r used" });
  assert.ok(estimate);
  assert.match(
    memoryWarning(estimate, onGpu(8_192).device, 0) ?? "",
    /^The training needs at least 10\.0 GiB of memory \(what run r used\), and the GPU has 8\.0 GiB free\./,
  );
  assert.match(memoryWarning(estimate, { kind: "cpu", reason: "" }, 4_096) ?? "", /this machine has 4\.0 GiB free/);
  const small = { neededMiB: 12, basis: "a" };
  assert.match(memoryWarning(small, { kind: "cpu", reason: "" }, 9) ?? "", /at least 12 MiB .* has 9 MiB free/);
  assert.equal(memoryWarning(estimate, onGpu(11_000).device, 0), undefined);
  assert.equal(memoryWarning(estimate, { kind: "cuda", reason: "", gpus: [] }, 0), undefined);
});
