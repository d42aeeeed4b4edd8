import type { Run } from "../runRecord.ts";
import { hasEnded } from "../runState.ts";

/** Whether a run is a training that has ended and of which it is known where it saved; a flow is resumed by Metaflow. */
export function isResumable(run: Run): boolean {
  return hasEnded(run.state) && isSaving(run);
}

/** The newest run of each script, where that one can be resumed; `runs` newest first. */
export function newestResumable(runs: readonly Run[]): Run[] {
  const saving = runs.filter(isSaving);
  const scripts = saving.map(({ record }) => record.plan.script);
  // Behind one that goes on an older run of the same script is not to be started beside it.
  return saving.filter((run, index) => scripts.indexOf(run.record.plan.script) === index && hasEnded(run.state));
}

/** One that could not be started saved nothing, and its command would fail again. */
function isSaving({ record, state, status }: Run): boolean {
  const wasStarted = status.startedAt !== undefined || !hasEnded(state);
  return record.plan.kind === "training" && record.plan.checkpointFolder !== undefined && wasStarted;
}
