import type { CheckpointEntry } from "../checkpoints/checkpointListing.ts";

/** A checkpoint on the step axis of its run. */
export type CheckpointMark = { run: string; step: number; path: string; name: string; state: string };

/** The checkpoints of a run that say at which step they were written. */
export function checkpointMarks(run: string, entries: readonly CheckpointEntry[]): CheckpointMark[] {
  return entries.flatMap(({ path, summary }) =>
    summary.step === undefined
      ? []
      : [{ run, step: summary.step, path, name: summary.name, state: summary.completeness.state }],
  );
}
