import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { chooseDevice, chooseFreeGpus, type DeviceFacts, grantableGpus } from "../../../src/core/training/gpuChoice.ts";
import { watchGpus } from "../../../src/node/training/gpuLooks.ts";
import { queryGpus } from "../../../src/node/training/gpuQuery.ts";
import { waitFor } from "../../support/poll.ts";
import { copyGpus, replayedGpus } from "../../support/replayedGpus.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function query(machine: string, timeoutMs = 20_000) {
  return queryGpus({ environment: replayedGpus(machine), timeoutMs });
}

async function choose(machine: string, facts: Partial<DeviceFacts> = {}) {
  return chooseDevice({ requested: "auto", leases: [], environment: {}, query: await query(machine), ...facts });
}

test("says plainly why there is no GPU", async () => {
  assert.deepEqual(await queryGpus({ environment: { PATH: "/nonexistent" } }), {
    kind: "none",
    reason: "no GPU: neither `nvidia-smi` nor `rocm-smi` is on PATH",
  });
  assert.deepEqual((await choose("none")).device, { kind: "cpu", reason: "no NVIDIA GPU: `nvidia-smi` lists none" });
  const failed = await query("noDriver");
  assert.match(failed.kind === "none" ? failed.reason : "", /exit code 9 \(NVIDIA-SMI has failed because .*running\)$/);
});

test("does not wait for a driver that hangs", async () => {
  assert.deepEqual(await query("hanging", 200), {
    kind: "none",
    reason: "`nvidia-smi` did not answer within 0.2 seconds",
  });
});

test("a driver that hangs does not outlive the process that asks it", async (context) => {
  const folder = temporaryFolder(context);
  const tool = join(folder, "nvidia-smi");
  writeFileSync(tool, `#!/bin/sh\necho $$ > ${folder}/pid\nexec sleep 600\n`, { mode: 0o755 });
  const ask = `import { statSync } from "node:fs";
import { queryGpus } from ${JSON.stringify(new URL("../../../src/node/training/gpuQuery.ts", import.meta.url).href)};
void queryGpus({ environment: { PATH: "${folder}:/usr/bin:/bin" } });
setInterval(() => statSync("${folder}/pid", { throwIfNoEntry: false })?.size > 0 && process.exit(0), 20);`;
  execFileSync(process.execPath, ["--input-type=module", "-e", ask]);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  await waitFor("the end of the tool", () => !isThere(pid));
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("stops asking when the request is cancelled", async () => {
  const controller = new AbortController();
  const asked = queryGpus({ environment: replayedGpus("hanging"), signal: controller.signal });
  controller.abort();
  await assert.rejects(asked, { name: "AbortError" });
});

test("a GPU that rests between two steps of a training is not taken for idle", async (context) => {
  const machine = copyGpus("two", temporaryFolder(context));
  mkdirSync(join(machine, "next"));
  writeFileSync(join(machine, "next", "optional.csv"), "0, 97, [N/A]\n1, 0, [N/A]\n");
  const seen = await watchGpus({ environment: replayedGpus(machine) });
  assert.deepEqual(seen.kind === "found" && seen.gpus.map(({ utilizationPercent }) => utilizationPercent), [97, 0]);
  const { device } = chooseDevice({ requested: "auto", leases: [], environment: {}, query: seen });
  assert.deepEqual(device.kind === "cuda" && device.gpus.map(({ index }) => index), [1]);
});

/** Answers one look, with so much memory in use, and hangs in the second. */
const HANGS_LATER = (usedMiB: number) => `#!/bin/sh
case "$*" in
  *memory.total*) [ -f "$REPLAY_FOLDER/seen" ] && exec sleep 600
    : > "$REPLAY_FOLDER/seen"
    echo "0, GPU-9a1b, NVIDIA A10G, 23028, ${usedMiB}, 1024" ;;
  *) exit 2 ;;
esac
`;

test("looks once where nothing looks idle, and waits for no later look for long", async (context) => {
  for (const usedMiB of [20_000, 1]) {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, "nvidia-smi"), HANGS_LATER(usedMiB), { mode: 0o755 });
    const environment = { PATH: `${folder}:/usr/bin:/bin`, REPLAY_FOLDER: folder };
    const beganMs = performance.now();
    const seen = await watchGpus({ environment, timeoutMs: 60_000 });
    assert.equal(seen.kind === "found" && seen.gpus[0]?.usedMiB, usedMiB);
    assert.ok(performance.now() - beganMs < 20_000);
  }
});

test("gives the only GPU by its UUID", async () => {
  assert.deepEqual(await choose("one"), {
    device: {
      kind: "cuda",
      reason: "the only GPU",
      gpus: [
        {
          index: 0,
          uuid: "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",
          name: "NVIDIA A10G",
          totalMiB: 23028,
          freeMiB: 22563,
        },
      ],
    },
    environment: { CUDA_VISIBLE_DEVICES: "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6" },
    warnings: [],
  });
});

test("picks the idle GPU with the most free memory of eight", async () => {
  const { device, environment } = await choose("eight");
  assert.equal(device.kind === "cuda" && device.gpus[0]?.index, 4);
  assert.equal(device.reason, "idle, with the most free memory of 8 GPUs");
  assert.equal(environment["CUDA_VISIBLE_DEVICES"], "GPU-5c1a9b55-4c1d-4a5e-9b7f-000000000004");
});

test("warns about a GPU that is in use when it is asked for", async () => {
  const { warnings } = await choose("eight", { requested: [3] });
  assert.deepEqual(warnings, [
    "GPU 3 (NVIDIA H100 80GB HBM3) is used by `/opt/conda/bin/python3.11` (process 812) and 1 more and has 47.4 GiB free. The training may run out of memory.",
  ]);
  assert.match((await choose("eight", { requested: [5] })).warnings[0] ?? "", /busy although no process is shown/);
});

test("reads a GPU that reports next to nothing, although the optional query fails", async () => {
  const { device } = await choose("oldDriver");
  assert.deepEqual(device.kind === "cuda" && device.gpus, [
    { index: 0, uuid: "GPU-0b7f3f6e-1111-2222-3333-444455556666", name: "GeForce GT 1030" },
  ]);
});

test("offers the instances of a partitioned GPU and not the GPU itself", async () => {
  const { device, environment } = await choose("partitioned");
  assert.equal(device.kind === "cuda" && device.gpus[0]?.name, "NVIDIA A100-SXM4-40GB MIG 3g.20gb");
  assert.equal(environment["CUDA_VISIBLE_DEVICES"], "MIG-c7384736-a75d-5afc-978f-d2f1294409fd");
});

/** What a machine offers: the indices that can be chosen and the reason of the choice, or the refusal. */
async function checkMachine(machine: string, grantable: readonly number[], reason: RegExp): Promise<void> {
  const found = await query(machine);
  const offered = grantableGpus({ query: found, environment: {} }).map(({ index }) => index);
  const { device } = chooseDevice({ requested: "auto", leases: [], environment: {}, query: found });
  assert.deepEqual(offered, grantable, machine);
  assert.match(device.reason, reason, machine);
}

test("makes of every machine what can be trained on there", async () => {
  await checkMachine("sixteen", [...Array(16).keys()], /^idle, with the most free memory of 16 GPUs$/);
  await checkMachine("two", [0, 1], /^idle/);
  await checkMachine("broken", [1], /^the only GPU$/);
  await checkMachine("windows", [0], /^the only GPU$/);
  await checkMachine("chatty", [0], /^the only GPU$/);
  await checkMachine("unknownError", [], /^the driver reports “Unknown Error” for the GPU$/);
  await checkMachine("emptyPartitions", [], /^the GPU is partitioned \(MIG\) and has no instance$/);
  await checkMachine("mismatch", [], /exit code 18 \(Failed to initialize NVML: Driver\/library version mismatch\)$/);
  await checkMachine("lost", [], /exit code 15 \(.*GPU is lost/);
  await checkMachine("forbidden", [], /exit code 4 \(Failed to initialize NVML: Insufficient Permissions\)$/);
});

test("refuses a GPU that has to be reset, with the driver's word for it", async () => {
  await assert.rejects(choose("broken", { requested: [0] }), {
    message: "GPU 0 cannot be used: the driver reports “GPU requires reset”. Choose another one or the CPU.",
  });
});

test("gives a run that waits the free GPU with the most memory, and none while none is free", async () => {
  const found = await query("sixteen");
  const waiting = (count: number) => chooseFreeGpus(count, { query: found, leases: [], environment: {} })?.device;
  const indices = (count: number) => {
    const device = waiting(count);
    return device?.kind === "cuda" ? device.gpus.map(({ index }) => index) : undefined;
  };
  assert.deepEqual([indices(1), indices(2), indices(3)], [[12], [12, 9], undefined]);
});

const rocm = () => queryGpus({ environment: { PATH: `${replayedGpus("rocm")["REPLAY_FOLDER"]}:/usr/bin:/bin` } });

test("reads the GPUs of AMD where there is no tool of NVIDIA", async () => {
  const found = await rocm();
  assert.deepEqual(
    grantableGpus({ query: found, environment: {} }).map(({ uuid, name, freeMiB }) => [uuid, name, freeMiB]),
    [
      ["GPU-2c0d5b7f9a3e1846", "AMD Instinct MI300X", 24_560],
      ["GPU-007f9a3e18462c0d", "AMD Instinct MI210", 65_509],
      ["AMD-2", "Radeon RX 7900 XTX", 24_534],
    ],
  );
  const chosen = chooseDevice({ requested: "auto", leases: [], environment: {}, query: found });
  assert.deepEqual(chosen.environment, { ROCR_VISIBLE_DEVICES: "GPU-007f9a3e18462c0d" });
  const numbered = chooseDevice({ requested: [2], leases: [], environment: {}, query: found });
  assert.deepEqual(numbered.environment, { ROCR_VISIBLE_DEVICES: "2" });
});

const onMac = (arch: string) => queryGpus({ environment: replayedGpus("one"), machine: { platform: "darwin", arch } });

test("asks nobody on a Mac of Apple's chips, and looks for NVIDIA on one of Intel's", async () => {
  const own = await onMac("arm64");
  assert.equal(own.kind === "none" && own.hasMps, true);
  assert.equal((await onMac("x64")).kind, "found");
});

test("a tool that may not be started is not called missing", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "nvidia-smi"), "#!/bin/sh\n", { mode: 0o644 });
  assert.deepEqual(await queryGpus({ environment: { PATH: folder } }), {
    kind: "none",
    reason: "no GPU can be used: `nvidia-smi` could not be started (EACCES)",
  });
});
