import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../../core/base/errors.ts";
import { errorCode } from "./fileErrors.ts";

/** Whoever opens a named pipe waits for somebody at its other end, for ever if need be. Windows has neither. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;
/** What is added to a file is not led elsewhere by a link that somebody put in its place. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/** What systems answer where a socket, a named pipe without a reader or a folder is to be opened. */
const NO_FILE = ["ENXIO", "EISDIR", "EOPNOTSUPP", "ENOTSUP"];

/** In the place of a file there is something else. */
export class NoFileError extends UserError {
  constructor(path: string, options?: ErrorOptions) {
    super(
      `In the place of ${path} there is no file, but a folder, a named pipe or a socket. Move it away, then try again.`,
      options,
    );
  }
}

/** The text of a file. Throws a NoFileError for anything else, at once. */
export async function readTextOfFile(path: string): Promise<string> {
  await using file = await openToRead(path);
  return await file.readFile("utf8");
}

/** Opens a file to read parts of it. Throws a NoFileError for anything else, at once. */
export function openToRead(path: string): Promise<FileHandle> {
  return openFile(path, constants.O_RDONLY);
}

/**
 * Opens a file to add to its end. Throws a NoFileError for anything else, at once, and a UserError for a link.
 * `isNew`: it may be made.
 */
export async function openToAppend(path: string, { isNew }: { isNew: boolean }): Promise<FileHandle> {
  try {
    return await openFile(path, isNew ? APPEND | constants.O_CREAT : APPEND);
  } catch (error) {
    if (errorCode(error) === "ELOOP") {
      throw new UserError(`${path} is a link, to which nothing is written. Remove it, then try again.`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function openFile(path: string, flags: number): Promise<FileHandle> {
  const file = await openAtOnce(path, flags);
  if ((await file.stat()).isFile()) {
    return file;
  }
  await file.close();
  throw new NoFileError(path);
}

async function openAtOnce(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags | WITHOUT_WAITING);
  } catch (error) {
    throw NO_FILE.includes(errorCode(error) ?? "") ? new NoFileError(path, { cause: error }) : error;
  }
}
