import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseDevice } from "../../../../src/core/training/gpuChoice.ts";
import type { Gpu } from "../../../../src/core/training/gpuReport.ts";
import { holdsGpus, renewDevice } from "../../../../src/core/training/resume/renewDevice.ts";
import { buildRun } from "../../../support/runBuilder.ts";

const gpu = (index: number, change: Partial<Gpu> = {}): Gpu => ({
  index,
  uuid: `GPU-${index}`,
  name: "NVIDIA L4",
  totalMiB: 24_000,
  usedMiB: 1,
  freeMiB: 23_999,
  utilizationPercent: 0,
  isPartitioned: false,
  processes: [],
  ...change,
});

const holder = { pid: 1, startTime: "" };
const lease = (index: number) => ({
  schemaVersion: 1 as const,
  uuid: `GPU-${index}`,
  runId: "r1",
  title: "digits",
  holder,
  acquiredAt: "2026-01-01T00:00:00Z",
});

type Now = { gpus?: readonly Gpu[]; leased?: readonly number[] };

/** What a run that trained on these GPUs of two gets when they are as they are now. */
function check(
  requested: "auto" | readonly number[],
  { gpus = [gpu(0), gpu(1)], leased = [] }: Now,
  expected: { visible: string; notes: readonly RegExp[] },
): void {
  const found = { kind: "found" as const, gpus: [gpu(0), gpu(1)] };
  const then = chooseDevice({ requested, query: found, leases: [], environment: {} });
  const { plan } = buildRun("failed").record;
  const before = { ...plan, device: then.device, environment: { ...then.environment, PYTHONUNBUFFERED: "1" } };
  const query =
    gpus.length === 0 ? { kind: "none" as const, reason: "the driver is gone" } : { kind: "found" as const, gpus };
  const { plan: renewed, notes } = renewDevice(before, { query, leases: leased.map(lease), environment: {} });
  assert.deepEqual(renewed.environment, { CUDA_VISIBLE_DEVICES: expected.visible, PYTHONUNBUFFERED: "1" });
  const given = renewed.device.kind === "cuda" ? renewed.device.gpus.map(({ uuid }) => uuid).join() : "";
  assert.equal(given, expected.visible);
  assert.equal(notes.length, expected.notes.length, notes.join("\n"));
  expected.notes.forEach((pattern, at) => assert.match(notes[at] ?? "", pattern));
}

test("a resumed training leaves the GPU of its first run to whoever trains on it now", () => {
  check("auto", {}, { visible: "GPU-0", notes: [] });
  check("auto", { leased: [0] }, { visible: "GPU-1", notes: [/^It gets GPU 1 \(NVIDIA L4\) this time: idle/] });
  check("auto", { gpus: [gpu(1)] }, { visible: "GPU-1", notes: [/^It gets GPU 1 .* the only GPU\.$/] });
});

test("it keeps the GPUs that a person asked for, and says who uses them", () => {
  const used = /^GPU 0 \(NVIDIA L4\) is already used by the run `digits`/;
  check([0], { leased: [0] }, { visible: "GPU-0", notes: [used] });
  check([0, 1], { leased: [0] }, { visible: "GPU-0,GPU-1", notes: [used] });
  check([0], { gpus: [gpu(1)] }, { visible: "GPU-1", notes: [/^It gets GPU 1/] });
});

test("where no GPU can be looked at the plan stays as it was and says so", () => {
  check(
    "auto",
    { gpus: [] },
    { visible: "GPU-0", notes: [/^Whether GPU 0 \(NVIDIA L4\) can be used is not known: the driver is gone\.$/] },
  );
});

test("only a plan that was given GPUs gets others", () => {
  const { plan } = buildRun("failed").record;
  assert.equal(holdsGpus(plan), false);
  assert.equal(holdsGpus({ ...plan, device: { kind: "cuda", reason: "the first GPU that is free", gpus: [] } }), false);
});
