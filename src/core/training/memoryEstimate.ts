import { gibibytes } from "./gpuChoice.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import type { Run } from "./runRecord.ts";

/** The model in a checkpoint, as far as its size matters. */
export type ModelSize = { parameters: number; bytesPerParameter: number; hasOptimizerState: boolean };

/** How much memory a training will need at least, and how that is known. */
export type MemoryEstimate = NonNullable<LaunchPlan["memory"]>;

const MIB = 1024 * 1024;
/** Adam and its kin keep two moments of each parameter, in 32 bits whatever the weights are. */
const MOMENT_BYTES = 8;

/**
 * What weights, gradients and, where the checkpoint holds a state of the optimizer, its moments need. Activations come on
 * top, so that it is a least and never a forecast.
 */
export function estimateFromModel({ parameters, bytesPerParameter, hasOptimizerState }: ModelSize): MemoryEstimate {
  const bytes = parameters * (2 * bytesPerParameter + (hasOptimizerState ? MOMENT_BYTES : 0));
  const what = hasOptimizerState ? "weights, gradients and optimizer" : "weights and gradients";
  return {
    neededMiB: Math.ceil(bytes / MIB),
    basis: `${what} of the newest checkpoint, before activations`,
  };
}

/** What the newest run of the same script used at most, on the same kind of device. */
export function estimateFromRuns(plan: LaunchPlan, runs: readonly Run[]): MemoryEstimate | undefined {
  for (const { record, status } of runs) {
    const used = record.plan.script === plan.script ? peakOf(plan, status.resources) : undefined;
    if (used !== undefined && record.plan.device.kind === plan.device.kind) {
      const change = batchChange(record.plan, plan);
      return { neededMiB: used, basis: `what run ${record.id} used${change === undefined ? "" : `; ${change}`}` };
    }
  }
  return undefined;
}

function peakOf({ device }: LaunchPlan, resources: Run["status"]["resources"]): number | undefined {
  if (device.kind !== "cuda") {
    return resources?.peakMemoryMiB;
  }
  const peaks = (resources?.gpus ?? []).flatMap(({ peakUsedMiB }) => (peakUsedMiB === undefined ? [] : [peakUsedMiB]));
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

/** `--batch-size was 32 then, now it is 64`: what a person has to add in their head. */
function batchChange(then: LaunchPlan, now: LaunchPlan): string | undefined {
  const [before, after] = [batchOf(then), batchOf(now)];
  return before?.value === undefined || after?.value === undefined || before.value === after.value
    ? undefined
    : `${after.flag} was ${before.value} then, now it is ${after.value}`;
}

function batchOf({ arguments: all }: LaunchPlan): LaunchPlan["arguments"][number] | undefined {
  return all.find(({ flag }) => /(?:^|[-_.])batch(?:[-_]?size)?$/i.test(flag));
}

/** The larger of two estimates: each is a least. */
export function largerEstimate(
  one: MemoryEstimate | undefined,
  other: MemoryEstimate | undefined,
): MemoryEstimate | undefined {
  return one === undefined || (other !== undefined && other.neededMiB > one.neededMiB) ? other : one;
}

/** A sentence where a training cannot fit into what is free. */
export function memoryWarning(
  { neededMiB, basis }: MemoryEstimate,
  device: LaunchPlan["device"],
  hostFreeMiB: number,
): string | undefined {
  const frees = device.kind === "cuda" ? device.gpus.flatMap(({ freeMiB }) => freeMiB ?? []) : [hostFreeMiB];
  const [free] = frees.toSorted((a, b) => a - b);
  if (free === undefined || neededMiB <= free) {
    return undefined;
  }
  const place = device.kind === "cuda" ? "the GPU" : "this machine";
  return (
    `The training needs at least ${gibibytes(neededMiB)} of memory (${basis}), and ${place} has ${gibibytes(free)} free. ` +
    "Use a smaller batch with accumulation, lower precision, or a device with more memory."
  );
}
