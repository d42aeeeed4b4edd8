import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDevice, visibleGpus } from "../../../src/core/training/gpuChoice.ts";
import type { Gpu } from "../../../src/core/training/gpuReport.ts";

function gpu(index: number, changes: Partial<Gpu> = {}): Gpu {
  return {
    index,
    uuid: `GPU-${index}${index}${index}-aaaa`,
    name: "NVIDIA L4",
    totalMiB: 24_000,
    usedMiB: 1,
    freeMiB: 23_999,
    utilizationPercent: 0,
    isPartitioned: false,
    processes: [],
    ...changes,
  };
}

const four = [gpu(0), gpu(1), gpu(2), gpu(3)];

function lease(uuid: string) {
  const holder = { pid: 1, startTime: "" };
  return { schemaVersion: 1 as const, uuid, runId: "r1", title: "digits", holder, acquiredAt: "2026-01-01T00:00:00Z" };
}

function choose(facts: Partial<Parameters<typeof chooseDevice>[0]>) {
  return chooseDevice({
    requested: "auto",
    query: { kind: "found", gpus: four },
    leases: [],
    environment: {},
    ...facts,
  });
}

function checkVisible(variable: string | undefined, expected: readonly number[]): void {
  assert.deepEqual(
    visibleGpus(four, variable).map(({ index }) => index),
    expected,
    variable,
  );
}

test("reads CUDA_VISIBLE_DEVICES as CUDA does", () => {
  checkVisible(undefined, [0, 1, 2, 3]);
  checkVisible("", []);
  checkVisible("2,0", [2, 0]);
  checkVisible("0,2,-1,1", [0, 2]);
  checkVisible("1,9,2", [1]);
  checkVisible("GPU-111", [1]);
  checkVisible("GPU-", []);
  checkVisible("NoDevFiles", []);
  checkVisible("1,1", [1]);
  checkVisible(" 2 , 1 ", [2, 1]);
  checkVisible("GPU-222-aaaa,0", [2, 0]);
  checkVisible("GPU-222-aaaa,GPU-999,0", [2]);
  checkVisible("222-aaaa", []);
  checkVisible("-1", []);
  checkVisible("all", []);
  checkVisible("0x1", []);
  checkVisible("MIG-333", []);
});

test("narrows what the environment shows and never widens it", () => {
  const narrowed = choose({ environment: { CUDA_VISIBLE_DEVICES: "3" } });
  assert.deepEqual(narrowed.environment, { CUDA_VISIBLE_DEVICES: "GPU-333-aaaa" });
  assert.equal(narrowed.device.reason, "the only GPU that `CUDA_VISIBLE_DEVICES` shows");
  assert.deepEqual(choose({ environment: { CUDA_VISIBLE_DEVICES: "" } }).device, {
    kind: "cpu",
    reason: "`CUDA_VISIBLE_DEVICES` is empty, which hides every GPU",
  });
  assert.throws(() => choose({ requested: [1], environment: { CUDA_VISIBLE_DEVICES: "3" } }), {
    name: "UserError",
    message:
      "GPU 1 is hidden by `CUDA_VISIBLE_DEVICES` or partitioned (MIG); there is GPU 3. Choose another one or the CPU.",
  });
});

test("hides every GPU when the CPU is asked for", () => {
  assert.deepEqual(choose({ requested: "cpu" }), {
    device: { kind: "cpu", reason: "CPU was asked for" },
    environment: { CUDA_VISIBLE_DEVICES: "" },
    warnings: [],
  });
});

test("refuses a GPU that does not exist", () => {
  assert.throws(() => choose({ requested: [7] }), {
    message: "GPU 7 does not exist; there are GPUs 0, 1, 2 and 3. Choose another one or the CPU.",
  });
  assert.throws(
    () => choose({ requested: [0], query: { kind: "none", reason: "no NVIDIA GPU: `nvidia-smi` is not on PATH" } }),
    {
      message: "GPU 0 cannot be used: no NVIDIA GPU: `nvidia-smi` is not on PATH. Choose the CPU instead.",
    },
  );
});

test("prefers a GPU that no other run of Trainyard uses", () => {
  const taken = ["GPU-000-aaaa", "GPU-111-aaaa"].map(lease);
  assert.deepEqual(choose({ leases: taken }).environment, { CUDA_VISIBLE_DEVICES: "GPU-222-aaaa" });
  const all = choose({ leases: four.map(({ uuid }) => lease(uuid)) });
  assert.deepEqual(all.warnings, [
    "GPU 0 (NVIDIA L4) is already used by the run `digits`. Stop that run first, or expect less memory and speed.",
  ]);
});

test("says so when indices could mean other GPUs than nvidia-smi shows", () => {
  const mixed = { kind: "found" as const, gpus: [gpu(0), gpu(1, { name: "NVIDIA H100" })] };
  const environment = { CUDA_VISIBLE_DEVICES: "1" };
  assert.equal(choose({ query: mixed, environment }).warnings.length, 1);
  assert.equal(
    choose({ query: mixed, environment: { ...environment, CUDA_DEVICE_ORDER: "PCI_BUS_ID" } }).warnings.length,
    0,
  );
});
