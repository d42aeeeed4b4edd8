import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type GpuLease,
  gpuLeaseSchema,
  type IsAlive,
  leaseFileName,
  liveLeases,
} from "../../core/training/gpuLease.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { temporaryName } from "../base/temporaryName.ts";

export type LeaseOutcome = { kind: "acquired" } | { kind: "taken"; by: GpuLease };

/**
 * Takes a GPU for a run. Only one of two windows that try at once succeeds: the file is created exclusively,
 * and a stale one is first moved away.
 */
export async function acquireGpuLease(folder: string, lease: GpuLease, isAlive: IsAlive): Promise<LeaseOutcome> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, leaseFileName(lease.uuid));
  const text = JSON.stringify(lease);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createExclusively(path, text)) {
      return { kind: "acquired" };
    }
    const current = await readLease(path);
    if (current?.runId === lease.runId) {
      // The owner that took over holds it from now on; the killed one would count as gone.
      await writeFileAtomically(path, text);
      return { kind: "acquired" };
    }
    if (current && (await isAlive(current.holder))) {
      return { kind: "taken", by: current };
    }
    await removeStale(path, current);
  }
  const winner = await readLease(path);
  return winner && winner.runId !== lease.runId ? { kind: "taken", by: winner } : { kind: "acquired" };
}

/** Gives a GPU back; a lease that belongs to another run by now is left alone. */
export async function releaseGpuLease(folder: string, uuid: string, runId: string): Promise<void> {
  const path = join(folder, leaseFileName(uuid));
  const current = await readLease(path);
  if (current?.runId === runId) {
    await rm(path, { force: true });
  }
}

/** The leases whose process still lives; stale files stay for `acquireGpuLease` to replace. */
export async function listGpuLeases(folder: string, isAlive: IsAlive): Promise<GpuLease[]> {
  const names = await readdir(folder).catch(() => []);
  const leases = await Promise.all(
    names.filter((name) => name.endsWith(".json")).map((name) => readLease(join(folder, name))),
  );
  return liveLeases(
    leases.filter((lease) => lease !== undefined),
    isAlive,
  );
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/**
 * Moves the stale file away. Another window may have replaced it since it was read: then what was moved is a
 * fresh lease, and goes back unless yet another one stands there.
 */
async function removeStale(path: string, stale: GpuLease | undefined): Promise<void> {
  const aside = `${path}.${temporaryName()}`;
  try {
    await rename(path, aside);
    const moved = await readLease(aside);
    if (moved && moved.runId !== stale?.runId) {
      await link(aside, path);
    }
  } catch {
    // Another window was faster; the next attempt sees what it wrote.
  } finally {
    await rm(aside, { force: true });
  }
}

/** Nothing for a file that is gone, half written or of another version. */
async function readLease(path: string): Promise<GpuLease | undefined> {
  try {
    return gpuLeaseSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
