import { performance } from "node:perf_hooks";

/**
 * Milliseconds for measuring how long something takes. The time of day jumps when a machine sets its clock, and a training
 * must neither lose the time to save its checkpoint by that nor go unwatched for an hour.
 */
export function monotonicMs(): number {
  return performance.now();
}
