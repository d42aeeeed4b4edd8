import { join } from "node:path";
import type { IsAlive } from "../../core/training/gpuLease.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { identifyProcess, probeProcess } from "../base/processIdentity.ts";
import { stateFolder } from "../base/stateFolder.ts";
import { acquireGpuLease, releaseGpuLease } from "./gpuLease.ts";

/** The leases of this user on this machine, and how their holders are judged. */
export function userLeases(): { folder: string; isAlive: IsAlive } {
  return {
    folder: join(stateFolder(), "gpu-leases"),
    // A holder that cannot be judged keeps its GPU: taking it twice is worse than leaving it idle.
    isAlive: (identity) => Promise.resolve(probeProcess(identity) !== "gone"),
  };
}

/**
 * Holds the GPUs of a run while `work` goes on. A lease only keeps other runs from choosing the same GPU, so a
 * state folder that cannot be written, or a GPU that is taken meanwhile, does not stop the training.
 */
export async function holdingGpus<Result>(record: RunRecord, work: () => Promise<Result>): Promise<Result> {
  const { device, title } = record.plan;
  const uuids = device.kind === "cuda" ? device.gpus.map(({ uuid }) => uuid) : [];
  const { folder, isAlive } = userLeases();
  const holder = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
  const acquiredAt = new Date().toISOString();
  await Promise.allSettled(
    uuids.map((uuid) =>
      acquireGpuLease(folder, { schemaVersion: 1, uuid, runId: record.id, title, holder, acquiredAt }, isAlive),
    ),
  );
  try {
    return await work();
  } finally {
    await Promise.allSettled(uuids.map((uuid) => releaseGpuLease(folder, uuid, record.id)));
  }
}
