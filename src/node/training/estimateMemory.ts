import { freemem } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import {
  estimateFromModel,
  estimateFromRuns,
  largerEstimate,
  type MemoryEstimate,
  type ModelSize,
} from "../../core/training/memoryEstimate.ts";
import { listRuns } from "./runLedger.ts";

/** A folder with hundreds of checkpoints on a network disk must not hold up a plan. */
const MODEL_TIMEOUT_MS = 1_500;
const MIB = 1024 * 1024;

/** What an earlier run of the script and the newest checkpoint say about the memory that a training needs. */
export async function estimateMemory(
  plan: LaunchPlan,
  {
    workspaceFolder,
    findModelSize,
  }: { workspaceFolder: string; findModelSize?: ((folder: string) => Promise<ModelSize | undefined>) | undefined },
): Promise<MemoryEstimate | undefined> {
  const { checkpointFolder } = plan;
  // In a folder that merely exists lie perhaps the checkpoints of another script.
  const folder = checkpointFolder?.isGuessed === true ? undefined : checkpointFolder?.path;
  const [{ runs }, model] = await Promise.all([
    listRuns(workspaceFolder),
    folder === undefined || findModelSize === undefined
      ? undefined
      : Promise.race([findModelSize(folder), delay(MODEL_TIMEOUT_MS, undefined, { ref: false })]),
  ]);
  return largerEstimate(estimateFromRuns(plan, runs), model && estimateFromModel(model));
}

/** Memory that this machine, or the container around this process, can still give. */
export function availableMiB(): number {
  // Since Node 20.13; the editor may bring an older one.
  return ("availableMemory" in process ? process.availableMemory() : freemem()) / MIB;
}
