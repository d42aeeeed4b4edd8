import { newestWhole } from "../../core/checkpoints/checkpointListing.ts";
import { listCheckpointFolder } from "./listCheckpointFolder.ts";

/** File times are rounded by the file system. */
const CLOCK_SLACK_MS = 2_000;

/** The newest whole checkpoint of a folder that was written between two moments; undefined where there is none. */
export async function findResumePoint(
  folder: string,
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): Promise<{ path: string; epoch?: number | undefined; step?: number | undefined } | undefined> {
  const listing = await listCheckpointFolder(folder);
  if (listing.kind !== "listed") {
    return undefined;
  }
  const chosen = newestWhole(
    listing.entries.filter(({ modifiedMs }) => modifiedMs >= sinceMs - CLOCK_SLACK_MS && modifiedMs < untilMs),
  );
  return chosen && { path: chosen.path, epoch: chosen.summary.epoch, step: chosen.summary.step };
}
