import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { CheckpointEntry } from "../../core/checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../../core/checkpoints/checkpointSummary.ts";
import { namedFurther } from "../../core/checkpoints/newestCheckpoint.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { readFreshCheckpoint } from "./readCheckpoint.ts";

/** The first that is whole is the one that is told. */
const MAX_FURTHER = 3;

type ReadSummary = (path: string) => Promise<CheckpointSummary>;

/**
 * The names in the folder of the chosen checkpoint, and those in it that are not among the `listed` but whose names say that
 * they came further: older ones are not read where the newest is all that is asked for.
 */
export async function lookBeside(
  chosen: CheckpointEntry,
  listed: readonly CheckpointEntry[],
  read: ReadSummary = readFreshCheckpoint,
): Promise<{ names: readonly string[]; further: readonly CheckpointEntry[] }> {
  const folder = dirname(chosen.path);
  const names = (await readdir(folder).catch(passOverFileErrors)) ?? [];
  const known = new Set(listed.map(({ path }) => path));
  const paths = namedFurther(chosen, names).map((name) => join(folder, name));
  const found = paths.filter((path) => !known.has(path)).slice(0, MAX_FURTHER);
  const further = await Promise.all(found.map((path) => entryAt(path, chosen, read)));
  return { names, further: further.flat() };
}

async function entryAt(path: string, chosen: CheckpointEntry, read: ReadSummary): Promise<CheckpointEntry[]> {
  try {
    const { mtimeMs: modifiedMs } = await stat(path);
    return [{ ...chosen, path, modifiedMs, summary: await read(path) }];
  } catch (error) {
    if (!(error instanceof UserError)) {
      passOverFileErrors(error);
    }
    return [];
  }
}
