import { join } from "node:path";
import type { IsAlive } from "../../core/training/gpuLease.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { identifyProcess, isOfAnotherHost, probeProcess } from "../base/processIdentity.ts";
import { stateFolder } from "../base/stateFolder.ts";
import { acquireGpuLease, type LeaseOutcome, releaseGpuLease, touchGpuLease } from "./gpuLease.ts";
import { RunProcesses } from "./runProcesses.ts";

/** Who holds or waits touches its file several times in this; a host that is silent for longer is not there any more. */
const FORGOTTEN_MS = 5 * 60_000;
const TOUCH_MS = 60_000;

/** The leases of this user on this machine, and how their holders are judged. */
export function userLeases(): { folder: string; isAlive: IsAlive } {
  return {
    folder: join(stateFolder(), "gpu-leases"),
    // A holder that cannot be judged keeps its GPU: taking it twice is worse than leaving it idle.
    // The training uses it still when those that watched over it were killed.
    isAlive: ({ runId, holder, heardAtMs = Date.now() }) => {
      const isForgotten = isOfAnotherHost(holder) && Date.now() - heardAtMs > FORGOTTEN_MS;
      const lives = !isForgotten && probeProcess(holder) !== "gone";
      return Promise.resolve(lives || new RunProcesses(runId).list().length > 0);
    },
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
  const { device } = record.plan;
  const gpus = device.kind === "cuda" ? device.gpus.map(({ index, uuid }) => ({ label: `GPU ${index}`, uuid })) : [];
  const devices = record.slot === undefined ? gpus : [...gpus, { label: record.slot, uuid: record.slot }];
  const problems = await Promise.all(
    devices.map(async ({ label, uuid }) => {
      try {
        const outcome = await leaseDevice(record, uuid);
        return outcome.kind === "taken" ? [`${label} is used by run ${outcome.by.runId} too.`] : [];
      } catch (error) {
        return [`${label} could not be reserved for this run: ${describeFileError(error)}.`];
      }
    }),
  );
  const sentences = problems.flat();
  const touching = setInterval(() => void touchDevices(record, devices), TOUCH_MS).unref();
  try {
    return await work(sentences.length === 0 ? undefined : sentences.join(" "));
  } finally {
    clearInterval(touching);
    await releaseDevices(
      record,
      devices.map(({ uuid }) => uuid),
    );
  }
}

async function touchDevices({ id }: RunRecord, devices: readonly { uuid: string }[]): Promise<void> {
  const { folder } = userLeases();
  await Promise.all(devices.map(({ uuid }) => touchGpuLease(folder, uuid, id)));
}

/** Takes devices for a run, all of them or none; false when another run has one. */
export async function leaseAll(record: RunRecord, devices: readonly string[]): Promise<boolean> {
  const taken: string[] = [];
  for (const device of devices) {
    if ((await leaseDevice(record, device)).kind === "taken") {
      await releaseDevices(record, taken);
      return false;
    }
    taken.push(device);
  }
  return true;
}

/** Gives back what belongs to the run; what belongs to another one by now is left alone. */
async function releaseDevices({ id }: RunRecord, devices: readonly string[]): Promise<void> {
  const { folder } = userLeases();
  await Promise.allSettled(devices.map((device) => releaseGpuLease(folder, device, id)));
}

function leaseDevice({ id, plan }: RunRecord, uuid: string): Promise<LeaseOutcome> {
  const { folder, isAlive } = userLeases();
  const holder = identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" };
  const lease = { schemaVersion: 1 as const, uuid, runId: id, title: plan.title, holder };
  return acquireGpuLease(folder, { ...lease, acquiredAt: new Date().toISOString() }, isAlive);
}
