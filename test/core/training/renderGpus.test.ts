import assert from "node:assert/strict";
import { test } from "node:test";
import type { Gpu } from "../../../src/core/training/gpuReport.ts";
import { renderGpuColumns, renderGpus } from "../../../src/core/training/renderGpus.ts";

const idle: Gpu = {
  index: 0,
  uuid: "GPU-1",
  name: "NVIDIA A10G",
  totalMiB: 23028,
  usedMiB: 4,
  freeMiB: 22563,
  utilizationPercent: 0,
  isPartitioned: false,
  processes: [],
};

function rowOf(change: Partial<Gpu>): string {
  return renderGpus({ kind: "found", gpus: [{ ...idle, ...change }] }, []).split("\n")[2] ?? "";
}

test("without a GPU the reason is said", () => {
  const text = renderGpus({ kind: "none", reason: "nvidia-smi is not on PATH" }, []);
  assert.match(
    text,
    /^Trainings run on the \*\*CPU\*\* here \(nvidia-smi is not on PATH\)\. If this machine has a GPU, /,
  );
});

test("a driver that lists no GPU is told as none, and what to do", () => {
  const empty = { kind: "found", gpus: [] } as const;
  const said = /here \(no NVIDIA GPU: `nvidia-smi` lists none\)\. If this machine has a GPU, .+ --gpus all/;
  assert.match(renderGpus(empty, []), said);
  assert.match(renderGpuColumns(empty, []), said);
});

test("an idle GPU is called idle", () => {
  assert.match(rowOf({}), /^\| 0 \| NVIDIA A10G \| .+ of .+ \| 0 % \| {2}\| none, idle \|$/);
});

test("the processes of a busy GPU are named", () => {
  const processes = [{ pid: 4711, name: "python", usedMiB: 11264 }];
  assert.match(rowOf({ processes, freeMiB: 1000, usedMiB: 22000 }), /\| python \(4711\) \|$/);
});

test("what a driver does not tell is not made up", () => {
  const row = rowOf({ totalMiB: undefined, freeMiB: undefined, utilizationPercent: undefined });
  assert.match(row, /\| not reported \| not reported \|/);
});
