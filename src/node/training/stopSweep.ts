import type { StopLevel } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { Sweep } from "../../core/training/sweep/sweepResults.ts";
import { forestall, requestStop } from "./stopRequest.ts";

/**
 * Stops every run of a sweep: those that nobody owns yet and those that wait first, so that none of them starts on what
 * the others free.
 */
export async function stopSweep({ runs }: Sweep, level: StopLevel, graceMs?: number): Promise<void> {
  // The owners of a sweep start one after the other: a run that waits for its own longer than half a minute counts as lost.
  for (const run of runs.filter(({ state, status }) => state === "lost" && status.supervisor === undefined)) {
    await forestall(run);
  }
  const live = runs.filter(({ state }) => !hasEnded(state));
  const sorted = live.toSorted((a, b) => Number(b.state === "waiting") - Number(a.state === "waiting"));
  for (const run of sorted) {
    await requestStop(run, level, graceMs);
  }
}
