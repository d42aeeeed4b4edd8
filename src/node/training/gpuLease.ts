import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import {
  type GpuLease,
  gpuLeaseSchema,
  type IsAlive,
  leaseFileName,
  liveLeases,
} from "../../core/training/gpuLease.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
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
      return { kind: "taken", by: withoutTime(current) };
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

/** Says that the run still holds the GPU, to those who cannot look at its process. */
export async function touchGpuLease(folder: string, uuid: string, runId: string): Promise<void> {
  const path = join(folder, leaseFileName(uuid));
  if ((await readLease(path))?.runId === runId) {
    const now = new Date();
    await utimes(path, now, now).catch(passOverFileErrors);
  }
}

/** The leases whose run still lives; stale files stay for `acquireGpuLease` to replace. */
export async function listGpuLeases(folder: string, isAlive: IsAlive): Promise<GpuLease[]> {
  const names = await readdir(folder).catch(() => []);
  const leases = await Promise.all(
    names.filter((name) => name.endsWith(".json")).map((name) => readLease(join(folder, name))),
  );
  const live = await liveLeases(
    leases.filter((lease) => lease !== undefined),
    isAlive,
  );
  return live.map(withoutTime);
}

type HeardLease = GpuLease & { heardAtMs?: number };

function withoutTime({ heardAtMs: _heard, ...lease }: HeardLease): GpuLease {
  return lease;
}

/** Nothing for a file that is gone or of another version. */
async function readLease(path: string): Promise<HeardLease | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { ...gpuLeaseSchema.parse(JSON.parse(text)), heardAtMs: mtimeMs };
  } catch {
    return undefined;
  }
}
