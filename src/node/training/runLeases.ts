import { join } from "node:path";
import type { IsAlive } from "../../core/training/gpuLease.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { describeFileError } from "../base/fileErrors.ts";
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
 * state folder that cannot be written, or a GPU that is taken meanwhile, does not stop the training; `work` is given a
 * sentence about it.
 */
export async function holdingGpus<Result>(
  record: RunRecord,
  work: (problem: string | undefined) => Promise<Result>,
): Promise<Result> {
  const { device, title } = record.plan;
  const gpus = device.kind === "cuda" ? device.gpus : [];
  const { folder, isAlive } = userLeases();
  const holder = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
  const acquiredAt = new Date().toISOString();
  const problems = await Promise.all(
    gpus.map(async ({ index, uuid }) => {
      const lease = { schemaVersion: 1 as const, uuid, runId: record.id, title, holder, acquiredAt };
      try {
        const outcome = await acquireGpuLease(folder, lease, isAlive);
        return outcome.kind === "taken" ? [`GPU ${index} is used by run ${outcome.by.runId} too.`] : [];
      } catch (error) {
        return [`GPU ${index} could not be reserved for this run: ${describeFileError(error)}.`];
      }
    }),
  );
  const sentences = problems.flat();
  try {
    return await work(sentences.length === 0 ? undefined : sentences.join(" "));
  } finally {
    await Promise.allSettled(gpus.map(({ uuid }) => releaseGpuLease(folder, uuid, record.id)));
  }
}
