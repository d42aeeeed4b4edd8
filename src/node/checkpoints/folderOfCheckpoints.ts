import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { isCheckpointFolder } from "./lookIntoFolder.ts";

/**
 * Refuses a folder that is one checkpoint: its files are parts that only together are one, and none of them may be moved or
 * taken for a checkpoint. Throws UserError that names the folder above.
 */
export async function requireFolderOfCheckpoints(folder: string): Promise<void> {
  const holder = await folderOfCheckpoints(folder);
  if (holder !== folder) {
    throw new UserError(
      `${folder} is one checkpoint and no folder of checkpoints. Name the folder that holds it instead: ${holder}`,
    );
  }
}

/** The folder itself or, where that is one checkpoint, the one that holds it. */
export async function folderOfCheckpoints(folder: string): Promise<string> {
  // A link under another name hides what the name of the folder says.
  const real = await realpath(folder).catch(passOverFileErrors);
  const isOne = real !== undefined && (await isCheckpointFolder(real));
  return isOne ? dirname(basename(real) === basename(folder) ? folder : real) : folder;
}
