import assert from "node:assert/strict";

/** Below this a measurement says more about the machine than about the code. */
const FLOOR_MS = 40;

/**
 * Asserts that work of twice the size takes less than four times the processor time, with which it would be quadratic.
 * The size grows until the work can be measured at all; `limit` is where what is still fast is taken for fast enough.
 */
export function assertScales(what: string, work: (size: number) => unknown, start: number, limit = 64 * start): void {
  for (let size = start; size <= limit; size *= 2) {
    const time = leastTime(() => work(size));
    if (time > FLOOR_MS) {
      const doubled = leastTime(() => work(2 * size));
      assert.ok(
        doubled < 3.5 * time,
        `${what}: ${time.toFixed(0)} ms for ${size}, ${doubled.toFixed(0)} ms for ${2 * size}`,
      );
      return;
    }
  }
}

/** Milliseconds of this process: other processes do not count, and the least of three leaves out the collector's. */
function leastTime(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
