import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import { errorCode } from "./fileErrors.ts";

/** What is done under a lock takes milliseconds; an older lock was left by a process that died. */
const STALE_AFTER_MS = 10_000;
const RETRY_MS = 25;
const MAX_ATTEMPTS = 200;

/**
 * Runs a short read-change-write of `path` while no other window does. The lock is the file `<path>.lock` beside it;
 * folders are made. Throws a UserError when the lock stays taken for five seconds.
 */
export async function withFileLock<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  await takeLock(lock, path);
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      const file = await open(lock, "wx");
      await file.close();
      return;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") {
        throw error;
      }
      await removeStale(lock);
      await delay(RETRY_MS);
    }
  }
  throw new UserError(`${path} is being changed by another window. Try again; if it goes on, delete ${lock}.`);
}

async function removeStale(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs > STALE_AFTER_MS) {
      await rm(lock, { force: true });
    }
  } catch (error) {
    if (errorCode(error) !== "ENOENT") {
      throw error;
    }
  }
}
