import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDevice, deviceName } from "../../../src/core/training/gpuChoice.ts";
import type { Gpu } from "../../../src/core/training/gpuReport.ts";
import { hideGpus, visibleGpus } from "../../../src/core/training/visibleGpus.ts";

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
    visibleGpus(four, { CUDA_VISIBLE_DEVICES: variable }).map(({ index }) => index),
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

const amd = [0, 1, 2].map((index) => gpu(index, { maker: "amd", uuid: `GPU-${index}`.padEnd(20, "a"), name: "MI210" }));

function checkVisibleToHip(environment: Record<string, string>, expected: readonly number[]): void {
  const visible = visibleGpus(amd, environment).map(({ index }) => index);
  assert.deepEqual(visible, expected, JSON.stringify(environment));
}

test("reads the two layers of ROCm as they are applied", () => {
  checkVisibleToHip({}, [0, 1, 2]);
  checkVisibleToHip({ ROCR_VISIBLE_DEVICES: "2,0" }, [2, 0]);
  checkVisibleToHip({ ROCR_VISIBLE_DEVICES: "GPU-1AAAAAAAAAAAAAAA" }, [1]);
  checkVisibleToHip({ HIP_VISIBLE_DEVICES: "1" }, [1]);
  checkVisibleToHip({ CUDA_VISIBLE_DEVICES: "1" }, [1]);
  checkVisibleToHip({ HIP_VISIBLE_DEVICES: "0", CUDA_VISIBLE_DEVICES: "1" }, [0]);
  checkVisibleToHip({ ROCR_VISIBLE_DEVICES: "2,0", HIP_VISIBLE_DEVICES: "1" }, [0]);
  checkVisibleToHip({ ROCR_VISIBLE_DEVICES: "2", HIP_VISIBLE_DEVICES: "1" }, []);
  checkVisibleToHip({ HIP_VISIBLE_DEVICES: "-1" }, []);
  checkVisibleToHip({ HIP_VISIBLE_DEVICES: "0,7,1" }, [0]);
  checkVisibleToHip({ CUDA_VISIBLE_DEVICES: "" }, [0, 1, 2]);
});

test("gives a GPU of AMD by the variables of ROCm, counted anew where HIP counts", () => {
  const query = { kind: "found", gpus: amd } as const;
  const mask = (requested: readonly number[], environment: Record<string, string> = {}) =>
    choose({ query, requested, environment }).environment;
  assert.deepEqual(mask([1]), { ROCR_VISIBLE_DEVICES: "GPU-1aaaaaaaaaaaaaaa" });
  assert.deepEqual(mask([1], { CUDA_VISIBLE_DEVICES: "1,2" }), {
    ROCR_VISIBLE_DEVICES: "GPU-1aaaaaaaaaaaaaaa",
    CUDA_VISIBLE_DEVICES: "0",
  });
  assert.deepEqual(mask([2, 1], { HIP_VISIBLE_DEVICES: "2,1" }), {
    ROCR_VISIBLE_DEVICES: "GPU-2aaaaaaaaaaaaaaa,GPU-1aaaaaaaaaaaaaaa",
    HIP_VISIBLE_DEVICES: "0,1",
  });
  assert.throws(() => mask([0], { HIP_VISIBLE_DEVICES: "2" }), /hidden by `HIP_VISIBLE_DEVICES`/);
  assert.equal(
    choose({ query, environment: { ROCR_VISIBLE_DEVICES: "9" } }).device.reason,
    "`ROCR_VISIBLE_DEVICES=9` names no GPU of this machine",
  );
  assert.deepEqual(hideGpus({ ROCM_PATH: "/opt/rocm" }), { CUDA_VISIBLE_DEVICES: "", HIP_VISIBLE_DEVICES: "-1" });
  assert.deepEqual(hideGpus({}), { CUDA_VISIBLE_DEVICES: "" });
});

test("a Mac trains on its one GPU, unless the CPU is asked for", () => {
  const query = { kind: "none", reason: "the one GPU of a Mac is shared by all that run there", hasMps: true } as const;
  assert.equal(choose({ query }).device.kind, "mps");
  assert.equal(deviceName(choose({ query }).device), "Apple GPU (MPS)");
  assert.equal(choose({ query, requested: "cpu" }).device.kind, "cpu");
  assert.throws(() => choose({ query, requested: [0] }), /GPU 0 cannot be used: the one GPU of a Mac is shared/);
});
