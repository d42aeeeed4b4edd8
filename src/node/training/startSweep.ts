import { basename } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { cpuSlotNames } from "../../core/training/runQueue.ts";
import type { RunSettings } from "../../core/training/runRecord.ts";
import type { SweepPlan } from "../../core/training/sweep/sweepPlan.ts";
import { leaveQueue, queueUp } from "./queueTickets.ts";
import { collectReceipts } from "./receipt.ts";
import { readRunRecord } from "./runFolder.ts";
import { createRun } from "./runLedger.ts";
import { startOwner } from "./startOwner.ts";

/** Starting a process takes much of a CPU for a moment. */
const STARTED_AT_ONCE = 4;

/** What surrounds a sweep: where it is recorded and by which program it is watched over. */
export type SweepHost = {
  root: string;
  supervisorPath: string;
  version: string;
  settings?: RunSettings;
};

/**
 * Queues every run of a sweep, in the order of the grid, and gives their ids. All are recorded before the first one
 * starts, so that whoever looks sees the whole sweep.
 */
export async function startSweep(sweep: SweepPlan, host: SweepHost): Promise<string[]> {
  const { id, title, wait, runs } = sweep;
  const plans = runs.map(({ plan }) => plan);
  const receipts = await collectReceipts(plans[0]?.cwd ?? host.root, host.version, plans);
  const folders: string[] = [];
  for (const [at, { plan, values }] of runs.entries()) {
    const member = { id, title, index: at + 1, size: runs.length, values };
    const receipt = receipts[at];
    if (receipt !== undefined) {
      folders.push(await createRun(host.root, plan, receipt, { ...host.settings, wait, sweep: member }));
    }
  }
  for (let at = 0; at < folders.length; at += STARTED_AT_ONCE) {
    const starting = folders.slice(at, at + STARTED_AT_ONCE);
    // Each has its place before any of them is there to take a device: the line is served in the order of the grid.
    await Promise.allSettled(starting.map((folder) => keepPlace(folder)));
    const outcomes = await Promise.allSettled(starting.map((folder) => startOwner(folder, host.supervisorPath)));
    const failures = outcomes.filter((outcome) => outcome.status === "rejected");
    const [failure] = failures;
    if (failure !== undefined) {
      await Promise.allSettled(starting.map(async (folder) => leaveQueue(await readRunRecord(folder))));
      throw new UserError(
        `${at + starting.length - failures.length} of ${folders.length} runs of the sweep ${id} were queued, and the others were not started. ${messageOf(failure.reason)}`,
        { cause: failure.reason },
      );
    }
  }
  return folders.map((folder) => basename(folder));
}

/** Queues a run until its owner does so itself; the place lapses with this process. */
async function keepPlace(folder: string): Promise<void> {
  const record = await readRunRecord(folder);
  const { gpus, cpuSlots = 0 } = record.wait ?? {};
  await queueUp(
    record,
    gpus === undefined ? { kind: "cpu", devices: cpuSlotNames(cpuSlots) } : { kind: "gpu", devices: [] },
  );
}
