import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import { trainerFolderStep } from "../../core/checkpoints/checkpointName.ts";
import { describeLeftOut } from "../../core/checkpoints/leftOutFolders.ts";
import type { ListFolder } from "../../core/checkpoints/listUntil.ts";
import { chooseResumePoint, type LossBreak } from "../../core/checkpoints/resumeChoice.ts";
import { scanCheckpointFolder } from "./scanCheckpointFolder.ts";

/** File times are rounded by the file system. */
const CLOCK_SLACK_MS = 2_000;

type ResumePoint = { path: string; epoch?: number | undefined; step?: number | undefined };

type Among = { sinceMs: number; untilMs: number; lossBreak?: LossBreak | undefined };

/**
 * Finds the checkpoint of a folder to go on from that was written between two moments and before the loss broke;
 * undefined where there is none, or where not all of the folder could be looked into.
 */
export function resumePointFinder(
  listFolder: ListFolder,
): (folder: string, among: Among) => Promise<ResumePoint | undefined> {
  return async (folder, { sinceMs, untilMs, lossBreak }) => {
    const firstMs = sinceMs - CLOCK_SLACK_MS;
    const listing = await listFolder(folder, { kind: "resume-point", sinceMs: firstMs, untilMs, lossBreak });
    if (listing.kind !== "listed" || describeLeftOut(listing) !== undefined) {
      return undefined;
    }
    const isMeant = ({ modifiedMs }: CheckpointEntry) => modifiedMs >= firstMs && modifiedMs < untilMs;
    const { chosen } = chooseResumePoint(listing.entries.filter(isMeant), lossBreak);
    return chosen && { path: chosen.path, epoch: chosen.summary.epoch, step: chosen.summary.step };
  };
}

/**
 * What a path means to somebody who wants to go on from it: a folder of checkpoints to choose from, or one checkpoint,
 * of which it may be a part.
 */
export async function placeOf(path: string): Promise<{ folder: string; checkpoint?: string }> {
  const parent = dirname(path);
  if (!((await stat(path).catch(() => undefined))?.isDirectory() ?? false)) {
    return trainerFolderStep(basename(parent)) === undefined
      ? { folder: parent, checkpoint: path }
      : { folder: dirname(parent), checkpoint: parent };
  }
  const scan = await scanCheckpointFolder(parent);
  const isCheckpoint = scan.kind === "scanned" && scan.checkpoints.some((found) => found.path === path);
  return isCheckpoint ? { folder: parent, checkpoint: path } : { folder: path };
}
