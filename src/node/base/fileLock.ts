import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import { errorCode, unlessMissing } from "./fileErrors.ts";
import { makeFolder } from "./makeFolder.ts";
import { NoFileError } from "./openFile.ts";
import { temporaryName } from "./temporaryName.ts";
import { orWriteFailure } from "./writeNewFile.ts";

/** What is done under a lock takes milliseconds; an older lock was left by a process that died. */
const STALE_AFTER_MS = 10_000;
const RETRY_MS = 25;
const MAX_ATTEMPTS = 200;

/**
 * Runs a short read-change-write of `path` while no other window does, as long as it takes less than ten seconds. The lock
 * is the file `<path>.lock` beside it; folders are made. Throws a UserError when the lock stays taken for five seconds, and
 * where the file system refuses it.
 */
export async function withFileLock<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const token = temporaryName();
  await orWriteFailure(path, makeFolder(dirname(path)));
  await orWriteFailure(path, takeLock(lock, token, path));
  // As the clock that staleness is told by, which goes on while a computer sleeps.
  const takenAt = Date.now();
  try {
    return await change();
  } finally {
    await releaseLock(lock, token, Date.now() - takenAt);
  }
}

async function takeLock(lock: string, token: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await createNew(lock, token)) {
      return;
    }
    if (await isStale(lock)) {
      await withRemovalLock(lock, () => isStale(lock));
    }
    await delay(RETRY_MS);
  }
  throw new UserError(
    `${path} is being changed by another window. Try again; if it goes on, delete ${lock} and ${removalLock(lock)}.`,
  );
}

async function releaseLock(lock: string, token: string, heldMs: number): Promise<void> {
  // A lock that went stale may be another window's by now.
  const isOwn = async () => (await textOf(lock)) === token;
  if (heldMs >= STALE_AFTER_MS) {
    await withRemovalLock(lock, isOwn);
  } else if (await isOwn()) {
    await rm(lock, { force: true });
  }
}

/**
 * Removes the lock if `mayRemove` still says so. Only one window at a time may decide this: of two that both saw a stale
 * lock the slower one would otherwise remove the fresh lock of the faster one.
 */
async function withRemovalLock(lock: string, mayRemove: () => Promise<boolean>): Promise<void> {
  const removal = removalLock(lock);
  if (!(await createNew(removal, ""))) {
    return;
  }
  try {
    if (await mayRemove()) {
      await rm(lock, { force: true });
    }
  } finally {
    await rm(removal, { force: true });
  }
}

function removalLock(lock: string): string {
  return `${lock}.removal`;
}

/** False when the file is there already. */
async function createNew(path: string, text: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, "wx");
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
  try {
    await file.writeFile(text);
    return true;
  } catch (error) {
    // A full disk makes the file and leaves it empty, which would lock everybody out until it is stale.
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function isStale(lock: string): Promise<boolean> {
  const written = await unlessMissing(stat(lock));
  if (written?.isDirectory() === true) {
    // It would be in the way for ever: a folder is not removed as a lock is.
    throw new NoFileError(lock);
  }
  return written !== undefined && Date.now() - written.mtimeMs > STALE_AFTER_MS;
}

function textOf(path: string): Promise<string | undefined> {
  return unlessMissing(readFile(path, "utf8"));
}
