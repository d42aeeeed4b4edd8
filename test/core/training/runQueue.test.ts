import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidates, cpuSlotNames, goesFirst, NO_DEVICE } from "../../../src/core/training/runQueue.ts";

const cpu = (count: number): Candidates => ({ kind: "cpu", devices: cpuSlotNames(count) });
const gpu = (...devices: string[]): Candidates => ({ kind: "gpu", devices });

function check(earlier: Candidates, own: Candidates, expected: boolean): void {
  assert.equal(goesFirst(earlier, own), expected, JSON.stringify([earlier, own]));
}

test("an earlier run goes first for a device that both could be given", () => {
  check(cpu(1), cpu(2), true);
  check(gpu("GPU-a", "GPU-b"), gpu("GPU-b"), true);
  check(gpu("GPU-a"), gpu("GPU-b"), false);
});

test("a run for which nobody could look for GPUs yet rivals those for GPUs and none for the CPU", () => {
  check(gpu(), gpu("GPU-a"), true);
  check(gpu("GPU-a"), gpu(), true);
  check(cpu(1), gpu(), false);
  check(gpu(), cpu(1), false);
  // One that may see no GPU of the machine is in nobody's way.
  check(gpu(NO_DEVICE), gpu(), false);
});
