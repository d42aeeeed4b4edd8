import { opendir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { START_SLACK_MS } from "../../core/training/runWindow.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";

/** What lies beside checkpoints and is none, by its name. */
const BESIDE = /^\.|^events\.out\.tfevents|\.(?:log|txt|md|csv|tsv|jsonl?|ya?ml|toml|png|svg|pdf|html|py)$/i;
/** A project that saves into its own folder has the log of this very run below it. */
const HIDDEN = /(?:^|[\\/])(?:\.(?!\.)|__pycache__)/;
/** So many files hold a checkpoint somewhere; looking at them all takes too long at the end of a run. */
const MAX_LOOKED_AT = 5_000;

/**
 * Whether there may be a checkpoint for a run to go on from, by the names in its folder: any where the run is known to save
 * there, only one from after its start (ISO time) where the folder is a guess. Opens no file.
 */
export async function hasSaved({ checkpointFolder }: LaunchPlan, startedAt: string | undefined): Promise<boolean> {
  if (checkpointFolder === undefined) {
    return false;
  }
  const { path, isGuessed } = checkpointFolder;
  const sinceMs = isGuessed === true && startedAt !== undefined ? Date.parse(startedAt) - START_SLACK_MS : undefined;
  try {
    return await holdsCheckpoint(path, sinceMs);
  } catch (error) {
    passOverFileErrors(error);
    return false;
  }
}

async function holdsCheckpoint(folder: string, sinceMs: number | undefined): Promise<boolean> {
  let lookedAt = 0;
  for await (const entry of await opendir(folder, { recursive: true })) {
    lookedAt += 1;
    if (lookedAt > MAX_LOOKED_AT) {
      return true;
    }
    if (entry.isDirectory() || BESIDE.test(entry.name) || HIDDEN.test(relative(folder, entry.parentPath))) {
      continue;
    }
    if (sinceMs === undefined || (await stat(join(entry.parentPath, entry.name))).mtimeMs >= sinceMs) {
      return true;
    }
  }
  return false;
}
