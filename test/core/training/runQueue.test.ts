import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidates, cpuSlotNames, lookAhead, NO_DEVICE } from "../../../src/core/training/runQueue.ts";

const cpu = (count: number): Candidates => ({ kind: "cpu", devices: cpuSlotNames(count) });
const gpu = (...devices: string[]): Candidates => ({ kind: "gpu", devices });

/** How many runs go first, and which of the run's own devices are left to it meanwhile. */
function leftBy(earlier: readonly Candidates[], own: Candidates): { count: number; left: string[] } {
  const { count, isKept } = lookAhead(earlier, own);
  return { count, left: own.devices.filter((device) => !isKept(device)) };
}

test("a device that an earlier run could be given is kept for it, and every other one is left", () => {
  assert.deepEqual(leftBy([cpu(1)], cpu(2)), { count: 1, left: ["cpu-2"] });
  assert.deepEqual(leftBy([gpu("GPU-a", "GPU-b")], gpu("GPU-b")), { count: 1, left: [] });
  assert.deepEqual(leftBy([gpu("GPU-a")], gpu("GPU-b")), { count: 0, left: ["GPU-b"] });
  assert.deepEqual(leftBy([gpu("GPU-a"), gpu("GPU-c")], gpu("GPU-a", "GPU-b", "GPU-c")), { count: 2, left: ["GPU-b"] });
});

test("a run for which nobody could look for GPUs yet rivals those for GPUs and none for the CPU", () => {
  assert.deepEqual(leftBy([gpu()], gpu("GPU-a")), { count: 1, left: [] });
  assert.equal(lookAhead([gpu("GPU-a")], gpu()).count, 1);
  assert.equal(lookAhead([cpu(1)], gpu()).count, 0);
  assert.deepEqual(leftBy([gpu()], cpu(1)), { count: 0, left: ["cpu-1"] });
  // One that may see no GPU of the machine is in nobody's way.
  assert.equal(lookAhead([gpu(NO_DEVICE)], gpu()).count, 0);
});
