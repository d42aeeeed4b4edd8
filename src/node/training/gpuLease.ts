import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type GpuLease,
  gpuLeaseSchema,
  type IsAlive,
  leaseFileName,
  liveLeases,
} from "../../core/training/gpuLease.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { withFileLock } from "../base/fileLock.ts";

export type LeaseOutcome = { kind: "acquired" } | { kind: "taken"; by: GpuLease };

/**
 * Takes a GPU for a run. Of several that try at once one succeeds: each looks and writes under a lock, since who finds a
 * stale lease could otherwise remove the fresh one of whoever was faster.
 */
export async function acquireGpuLease(folder: string, lease: GpuLease, isAlive: IsAlive): Promise<LeaseOutcome> {
  const path = join(folder, leaseFileName(lease.uuid));
  return withFileLock(path, async () => {
    const current = await readLease(path);
    // The owner that took over a run holds its GPU from now on; the killed one would count as gone.
    if (current !== undefined && current.runId !== lease.runId && (await isAlive(current))) {
      return { kind: "taken", by: current };
    }
    await writeFileAtomically(path, JSON.stringify(lease));
    return { kind: "acquired" };
  });
}

/** Gives a GPU back; a lease that belongs to another run by now is left alone. */
export async function releaseGpuLease(folder: string, uuid: string, runId: string): Promise<void> {
  const path = join(folder, leaseFileName(uuid));
  await withFileLock(path, async () => {
    if ((await readLease(path))?.runId === runId) {
      await rm(path, { force: true });
    }
  });
}

/** The leases whose run still lives; stale files stay for `acquireGpuLease` to replace. */
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

/** Nothing for a file that is gone or of another version. */
async function readLease(path: string): Promise<GpuLease | undefined> {
  try {
    return gpuLeaseSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
