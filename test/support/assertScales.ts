import assert from "node:assert/strict";

/** Below this a measurement says more about the machine than about the code. */
const FLOOR_MS = 40;

/** A busy machine may slow one measurement by as much; it does not slow each of them. */
const ATTEMPTS = 4;

/** How much larger the second measurement is. Work in the time of its size takes as much longer, quadratic work the square of it. */
const GROWTH = 4;

/** Between four and sixteen times the processor time, away from both: memory that is touched for the first time costs more. */
const MOST = 10;

/**
 * Asserts that work of four times the size takes less than ten times the processor time; quadratic work takes sixteen times.
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
    const grown = leastTime(() => work(GROWTH * size));
    if (grown < MOST * once) {
      return;
    }
    measured.push(`${once.toFixed(0)} ms for ${size}, ${grown.toFixed(0)} ms for ${GROWTH} times that`);
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
