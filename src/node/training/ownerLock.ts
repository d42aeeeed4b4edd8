import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../../core/base/parseJson.ts";
import { processIdentitySchema } from "../../core/training/runRecord.ts";
import { errorCode } from "../base/fileErrors.ts";
import { identifyProcess, probeProcess } from "../base/processIdentity.ts";

/*
 * `owner.<n>.lock` holds the identity of the process that owns the run. A lock is created exclusively and never
 * removed: who finds the highest one stale creates the next number, and of two who try exactly one succeeds.
 * Removing a stale lock instead could remove the fresh one of a faster rival.
 */

/** A lock without content was created this moment, or its writer died between two system calls. */
const UNWRITTEN_LOCK_TRUST_MS = 5_000;

/** True when this process now owns the run; false when another living process does. */
export async function acquireOwnerLock(folder: string): Promise<boolean> {
  const newest = await newestLock(folder);
  if (newest > 0 && (await isHeld(lockPath(folder, newest)))) {
    return false;
  }
  const identity = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
  try {
    await writeFile(lockPath(folder, newest + 1), JSON.stringify(identity), { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `owner.${generation}.lock`);
}

async function newestLock(folder: string): Promise<number> {
  const generations = (await readdir(folder)).map((name) => Number(/^owner\.(\d+)\.lock$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...generations);
}

async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8");
  const identity = processIdentitySchema.safeParse(parseJson(text));
  if (identity.success) {
    return probeProcess(identity.data) !== "gone";
  }
  const { mtimeMs } = await stat(path);
  return Date.now() - mtimeMs < UNWRITTEN_LOCK_TRUST_MS;
}
