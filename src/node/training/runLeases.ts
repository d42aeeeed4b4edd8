import { join } from "node:path";
import type { IsAlive } from "../../core/training/gpuLease.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { describeFileError } from "../base/fileErrors.ts";
import { bootId, identifyProcess, probeProcess } from "../base/processIdentity.ts";
import { stateFolder } from "../base/stateFolder.ts";
import { acquireGpuLease, type LeaseOutcome, releaseGpuLease, touchGpuLease } from "./gpuLease.ts";
import { RunProcesses } from "./runProcesses.ts";

const TOUCH_MS = 20_000;
/** Three touches of a lease, six of a ticket. */
const TRUST_MS = 60_000;

/**
 * The leases of this user on this machine, and how their holders are judged. A home folder may serve many machines, each with
 * devices of its own, and containers of one machine share theirs: the boot tells them apart where the system has a name for it.
 */
export function userLeases(): { folder: string; isAlive: IsAlive } {
  return {
    folder: join(stateFolder(), "gpu-leases", bootId()),
    isAlive: ({ runId, holder, touchedMsAgo }) => {
      const liveness = probeProcess(holder);
      // A process under another host name cannot be looked at. It says that it lives, but one that ended with its container never
      // gives its device back.
      const isThere = liveness === "unknown" ? Math.abs(touchedMsAgo) < TRUST_MS : liveness === "alive";
      // The training uses it still when those that watched over it were killed.
      return Promise.resolve(isThere || new RunProcesses(runId).list().length > 0);
    },
  };
}

/** Takes more GPUs for a run; resolves with a sentence where one could not be had. */
export type HoldGpus = (gpus: readonly { index: number; uuid: string }[]) => Promise<string | undefined>;

/**
 * Holds the GPUs of a run while `work` goes on. A lease only keeps other runs from choosing the same GPU, so a
 * state folder that cannot be written, or a GPU that is taken meanwhile, does not stop the training; `work` is given a
 * sentence about it, and the means to hold those that the training takes later.
 */
export async function holdingGpus<Result>(
  record: RunRecord,
  work: (problem: string | undefined, hold: HoldGpus) => Promise<Result>,
): Promise<Result> {
  const { device } = record.plan;
  const held: string[] = [];
  let isOver = false;
  let taking: Promise<unknown> = Promise.resolve();
  const take = (devices: readonly Device[]) => {
    const fresh = isOver ? [] : devices.filter(({ uuid }) => !held.includes(uuid));
    held.push(...fresh.map(({ uuid }) => uuid));
    const taken = takeDevices(record, fresh);
    taking = Promise.all([taking, taken]);
    return taken;
  };
  const hold: HoldGpus = (gpus) => take(gpus.map(({ index, uuid }) => ({ label: `GPU ${index}`, uuid })));
  const timer = setInterval(() => void touchDevices(record, held), TOUCH_MS);
  try {
    const gpus = device.kind === "cuda" ? device.gpus : [];
    const slot = record.slot === undefined ? [] : [{ label: record.slot, uuid: record.slot }];
    const problems = await Promise.all([hold(gpus), take(slot)]);
    return await work(joinSentences(problems), hold);
  } finally {
    isOver = true;
    clearInterval(timer);
    await taking;
    await releaseDevices(record, held);
  }
}

type Device = { label: string; uuid: string };

async function takeDevices(record: RunRecord, devices: readonly Device[]): Promise<string | undefined> {
  const problems = await Promise.all(
    devices.map(async ({ label, uuid }) => {
      try {
        const outcome = await leaseDevice(record, uuid);
        return outcome.kind === "taken" ? `${label} is used by run ${outcome.by.runId} too.` : undefined;
      } catch (error) {
        return `${label} could not be reserved for this run: ${describeFileError(error)}.`;
      }
    }),
  );
  return joinSentences(problems);
}

function joinSentences(sentences: readonly (string | undefined)[]): string | undefined {
  const said = sentences.filter((sentence) => sentence !== undefined);
  return said.length === 0 ? undefined : said.join(" ");
}

async function touchDevices({ id }: RunRecord, devices: readonly string[]): Promise<void> {
  const { folder } = userLeases();
  await Promise.allSettled(devices.map((device) => touchGpuLease(folder, device, id)));
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
