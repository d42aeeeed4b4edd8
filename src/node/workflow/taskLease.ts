import { randomUUID } from "node:crypto";
import { rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { parseJson } from "../../core/base/parseJson.ts";
import { processIdentitySchema } from "../../core/training/runRecord.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";
import { withFileLock } from "../base/fileLock.ts";
import { readTextOfFile } from "../base/openFile.ts";
import { identifyProcess, probeProcess } from "../base/processIdentity.ts";
import { orWriteFailure } from "../base/writeNewFile.ts";
import { requireInside } from "./workflowDocuments.ts";

/*
 * `leases/<task>.json` says who is at work on a task: a process, and which of its turns. The journal cannot say it, since a
 * process that was killed leaves a task that runs for ever there. Where nobody can tell whether the process still lives
 * (another machine, Windows), the age of the file decides, which its holder keeps young.
 */

const KEEP_YOUNG_MS = 20_000;
const STALE_AFTER_MS = 90_000;

const leaseSchema = z.extend(processIdentitySchema, { turn: z.string() });

/** The turns of this process that hold a lease: a lease of this process without its turn was left behind. */
const turns = new Set<string>();

export type TaskLease = { release(): Promise<void> };

/** Nothing where somebody else is at work on the task. */
export async function takeTaskLease(folder: string, task: string): Promise<TaskLease | undefined> {
  const path = join(folder, "leases", `${task}.json`);
  const turn = randomUUID();
  await requireInside(folder, path);
  const isTaken = await withFileLock(path, async () => {
    if (await isHeld(path)) {
      return false;
    }
    const own = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "", host: hostname() };
    await orWriteFailure(path, writeFileAtomically(path, JSON.stringify({ ...own, turn })));
    turns.add(turn);
    return true;
  });
  if (!isTaken) {
    return undefined;
  }
  const timer = setInterval(() => void keepYoung(path, turn), KEEP_YOUNG_MS);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      turns.delete(turn);
      await removeLease(path, turn);
    },
  };
}

async function isHeld(path: string): Promise<boolean> {
  const lease = await readLease(path);
  if (lease === undefined) {
    return false;
  }
  if (lease.pid === process.pid && lease.host === hostname()) {
    return turns.has(lease.turn);
  }
  const liveness = probeProcess(lease);
  return liveness === "unknown" ? Date.now() - (await stat(path)).mtimeMs < STALE_AFTER_MS : liveness === "alive";
}

/** Undefined without a lease, and for one that was cut off by a crash: they are written and removed whole otherwise. */
async function readLease(path: string): Promise<z.infer<typeof leaseSchema> | undefined> {
  try {
    return leaseSchema.safeParse(parseJson(await readTextOfFile(path))).data;
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

async function isOf(turn: string, path: string): Promise<boolean> {
  return (await readLease(path))?.turn === turn;
}

/** Looks before it locks, since a lock would make the folder of a workflow again that was removed. */
async function removeLease(path: string, turn: string): Promise<void> {
  if (await isOf(turn, path)) {
    await withFileLock(path, async () => {
      if (await isOf(turn, path)) {
        await rm(path, { force: true });
      }
    });
  }
}

/** Somebody else has the task after a computer slept too long: their lease is theirs to keep young. */
async function keepYoung(path: string, turn: string): Promise<void> {
  try {
    if (await isOf(turn, path)) {
      const at = new Date();
      await utimes(path, at, at);
    }
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    // The folder was removed, or cannot be written to any more: then the lease grows old, as it should.
  }
}
