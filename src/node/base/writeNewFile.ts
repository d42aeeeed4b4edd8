import { constants } from "node:fs";
import { copyFile, link, lstat, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { describeFileError, errorCode } from "./fileErrors.ts";
import { makeFolder } from "./makeFolder.ts";
import { temporaryName } from "./temporaryName.ts";

/**
 * Writes a file that must not exist yet, and its folders. A reader sees the whole file or none, and a file of that
 * name that appears at the last moment is left alone. `mode`: who may read it, before the user's mask. Throws a UserError where the file system refuses.
 */
export async function writeNewFile(path: string, text: string, mode = 0o666): Promise<"written" | "exists"> {
  const temporary = join(dirname(path), `.${basename(path)}.${temporaryName()}.tmp`);
  try {
    await makeFolder(dirname(path));
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

/** What a step of a writing gives. Throws a UserError where the file system refuses it; `path` is what it is for. */
export async function orWriteFailure<Result>(path: string, step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    throw new UserError(describeWriteFailure(error, path), { cause: error });
  }
}

/** A sentence for what the file system answered to an attempt to write `path`. */
export function describeWriteFailure(error: unknown, path: string): string {
  const folder = dirname(path);
  switch (errorCode(error) ?? "") {
    case "EACCES":
    case "EPERM":
      return `${path} was not written: you have no permission to write to ${folder}. Allow writing there, or choose another folder.`;
    case "EROFS":
      return `${path} was not written: ${folder} is on a disk that is read-only. Make it writable, or choose another folder.`;
    case "ENOSPC":
      return `${path} was not written: no space is left on the disk of ${folder}. Free some space, then try again.`;
    case "EDQUOT":
      return `${path} was not written: your quota on the disk of ${folder} is used up. Free some space, then try again.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} was not written: a part of its path is a file, not a folder. Choose another folder.`;
    case "EISDIR":
      return `${path} was not written: there is a folder of that name. Move it away or rename it, then try again.`;
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
