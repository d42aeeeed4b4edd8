import type { BestCheckpoint, CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { Run } from "../../core/training/runRecord.ts";

export type RunCheckpoint = { entry: CheckpointEntry; best?: BestCheckpoint };

/** The best whole checkpoint that the run wrote; the newest sound one where no metric says which is best. */
export async function checkpointToGoOnFrom(run: Run): Promise<RunCheckpoint | undefined> {
  const folder = run.record.plan.checkpointFolder?.path;
  if (folder === undefined) {
    return undefined;
  }
  const { listInThread } = await import("../../node/checkpoints/checkpointClient.ts");
  const { bestBy, chooseMetric } = await import("../../core/checkpoints/checkpointListing.ts");
  const { newestSound } = await import("../../core/checkpoints/newestCheckpoint.ts");
  const { isWrittenBy } = await import("../../core/training/runWindow.ts");
  const listing = await listInThread(folder);
  if (listing.kind !== "listed") {
    return undefined;
  }
  const own = listing.entries.filter(({ modifiedMs }) => isWrittenBy(run, modifiedMs));
  const metric = chooseMetric(own);
  const best = metric === undefined ? undefined : bestBy(own, metric);
  const entry = best?.entry ?? newestSound(own);
  return entry && { entry, ...(best ? { best } : {}) };
}
