import { basename } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import type { RunSettings } from "../../core/training/runRecord.ts";
import type { SweepPlan } from "../../core/training/sweep/sweepPlan.ts";
import { collectReceipts } from "./receipt.ts";
import { createRun } from "./runLedger.ts";
import { startOwner } from "./startOwner.ts";

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
  // One after the other: the line is served in the order in which they join it.
  for (const [at, folder] of folders.entries()) {
    try {
      await startOwner(folder, host.supervisorPath);
    } catch (error) {
      throw new UserError(
        `${at} of ${folders.length} runs of the sweep ${id} were queued, and the others were not started. ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
  return folders.map((folder) => basename(folder));
}
