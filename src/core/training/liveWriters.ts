import type { LiveWriter } from "../checkpoints/prunePolicy.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";

/** The trainings that go on and the folders that they save to; `sinceMs` allows for times that a file system rounds. */
export function liveWriters(runs: readonly Run[]): LiveWriter[] {
  return runs
    .filter(({ state }) => !hasEnded(state))
    .flatMap(({ record, status }) => {
      const folder = record.plan.checkpointFolder?.path;
      const since = Date.parse(status.startedAt ?? record.createdAt);
      return folder === undefined ? [] : [{ folder, sinceMs: since - 2_000 }];
    });
}
