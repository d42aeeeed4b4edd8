import assert from "node:assert/strict";

/** Below this a measurement says more about the machine than about the code. */
const FLOOR_MS = 40;

/** A busy machine may slow one measurement by as much; it does not slow each of them. */
const ATTEMPTS = 4;

/**
 * Asserts that work of twice the size takes less than four times the processor time, with which it would be quadratic.
 * The size grows until the work can be measured at all; what is still fast at sixteen times the start is fast enough.
 */
export function assertScales(what: string, work: (size: number) => unknown, start: number): void {
  const size = measurableSize(work, start);
  if (size === undefined) {
    return;
  }
  const measured: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const once = leastTime(() => work(size));
    const twice = leastTime(() => work(2 * size));
    if (twice < 3.5 * once) {
      return;
    }
    measured.push(`${once.toFixed(0)} ms for ${size}, ${twice.toFixed(0)} ms for twice that`);
  }
  assert.deepEqual(measured, [], what);
}

/** Nothing where even the largest size takes no time. */
function measurableSize(work: (size: number) => unknown, start: number): number | undefined {
  for (let size = start; size <= 16 * start; size *= 2) {
    if (leastTime(() => work(size)) >= FLOOR_MS) {
      return size;
    }
  }
  return undefined;
}

/** The least of three leaves out the collector of garbage and the compiler. */
function leastTime(work: () => unknown): number {
  return Math.min(time(work), time(work), time(work));
}

/** Milliseconds of this process: others do not count. */
function time(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
