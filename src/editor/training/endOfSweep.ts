import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";

/** The sweeps whose last run has ended, by the runs that they have; a sweep with a run that still has to come is none. */
export function endedSweeps(runs: readonly Run[]): Map<string, readonly Run[]> {
  const sweeps = new Map<string, Run[]>();
  for (const run of runs) {
    const { id } = run.record.sweep ?? {};
    if (id !== undefined) {
      sweeps.set(id, [...(sweeps.get(id) ?? []), run]);
    }
  }
  const ended = [...sweeps].filter(
    ([, members]) => members.length === members[0]?.record.sweep?.size && members.every(({ state }) => hasEnded(state)),
  );
  return new Map(ended);
}
