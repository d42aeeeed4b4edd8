import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type GpuLease, gpuLeaseSchema, type IsAlive, leaseFileName } from "../../core/training/gpuLease.ts";
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
    if (current !== undefined && current.lease.runId !== lease.runId && (await isHeld(current, isAlive))) {
      return { kind: "taken", by: current.lease };
    }
    await writeFileAtomically(path, JSON.stringify(lease));
    return { kind: "acquired" };
  });
}

/** Gives a GPU back; a lease that belongs to another run by now is left alone. */
export async function releaseGpuLease(folder: string, uuid: string, runId: string): Promise<void> {
  const path = join(folder, leaseFileName(uuid));
  await withFileLock(path, async () => {
    if ((await readLease(path))?.lease.runId === runId) {
      await rm(path, { force: true });
    }
  });
}

/** Says that the holder is still there; a lease that belongs to another run by now is left alone. */
export async function touchGpuLease(folder: string, uuid: string, runId: string): Promise<void> {
  const path = join(folder, leaseFileName(uuid));
  if ((await readLease(path))?.lease.runId === runId) {
    const now = new Date();
    await utimes(path, now, now);
  }
}

/** The leases whose run still lives; stale files stay for `acquireGpuLease` to replace. */
export async function listGpuLeases(folder: string, isAlive: IsAlive): Promise<GpuLease[]> {
  const names = await readdir(folder).catch(() => []);
  const leases = await Promise.all(
    names.filter((name) => name.endsWith(".json")).map((name) => readLease(join(folder, name))),
  );
  const held = await Promise.all(
    leases.map(async (found) => (found !== undefined && (await isHeld(found, isAlive)) ? [found.lease] : [])),
  );
  return held.flat();
}

type FoundLease = { lease: GpuLease; touchedMsAgo: number };

function isHeld({ lease, touchedMsAgo }: FoundLease, isAlive: IsAlive): Promise<boolean> {
  return isAlive({ ...lease, touchedMsAgo });
}

/** Nothing for a file that is gone or of another version. */
async function readLease(path: string): Promise<FoundLease | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    const lease = gpuLeaseSchema.parse(JSON.parse(await readFile(path, "utf8")));
    return { lease, touchedMsAgo: Date.now() - mtimeMs };
  } catch {
    return undefined;
  }
}
