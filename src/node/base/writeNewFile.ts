import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, lstat, mkdir, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { describeFileError, errorCode } from "./fileErrors.ts";

/**
 * Writes a file that must not exist yet, and its folders. A reader sees the whole file or none, and a file of that
 * name that appears at the last moment is left alone. `mode`: who may read it, before the user's mask. Throws a UserError where the file system refuses.
 */
export async function writeNewFile(path: string, text: string, mode = 0o666): Promise<"written" | "exists"> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    try {
      await writeDurably(temporary, text, mode);
      await publish(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    return "written";
  } catch (error) {
    if (errorCode(error) === "EEXIST" && (await exists(path))) {
      return "exists";
    }
    throw new UserError(describeWriteFailure(error, path), { cause: error });
  }
}

/** A sentence for what the file system answered to an attempt to write `path`. */
export function describeWriteFailure(error: unknown, path: string): string {
  switch (errorCode(error) ?? "") {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${path} was not written: its folder is read-only. Choose another folder, or allow writing to this one.`;
    case "ENOSPC":
    case "EDQUOT":
      return `${path} was not written: the disk is full. Free some space, then try again.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} was not written: a part of its path is a file, not a folder. Choose another folder.`;
    case "ENAMETOOLONG":
      return `${path} was not written: the name is too long for this file system. Choose a shorter one.`;
    default:
      return `${path} was not written: ${describeFileError(error)}. Choose another folder, or solve this first.`;
  }
}

/** `mkdir` and `link` both answer EEXIST; only for the latter the wanted file is there. */
async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link fails where the name is taken, which a rename does not. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    // File systems without hard links (exFAT, some network drives) answer in several ways.
    if (errorCode(error) === "EEXIST") {
      throw error;
    }
    await copyFile(temporary, path, constants.COPYFILE_EXCL);
  }
}
