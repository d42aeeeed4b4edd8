import { AS_ASKED, chooseDevice, type DeviceFacts, grantableGpus } from "../gpuChoice.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import { GPU_MASKS } from "../visibleGpus.ts";

/** A plan with the device that it gets today, and sentences about that for the person who is about to agree. */
export type RenewedPlan = { plan: LaunchPlan; notes: readonly string[] };

/** Whether a plan holds GPUs that were given to it when it was made or when its turn came. */
export function holdsGpus({ device }: LaunchPlan): boolean {
  return device.kind === "cuda" && device.gpus.length > 0;
}

/**
 * Chooses the GPUs of an earlier run anew: others may train on them by now. Those that a person asked for by number stay
 * as long as they can be used. Where no GPU can be looked at, the plan stays as it was.
 */
export function renewDevice(plan: LaunchPlan, facts: Omit<DeviceFacts, "requested">): RenewedPlan {
  const before = plan.device.kind === "cuda" ? plan.device.gpus : [];
  const usable = grantableGpus(facts).filter(({ uuid }) => before.some((gpu) => gpu.uuid === uuid));
  const isBound = before.length > 1 || plan.device.reason === AS_ASKED;
  const keepsAll = isBound && usable.length === before.length;
  const choice = chooseDevice({ ...facts, requested: keepsAll ? usable.map(({ index }) => index) : "auto" });
  if (choice.device.kind !== "cuda") {
    const names = before.map(({ index, name }) => `GPU ${index} (${name})`).join(", ");
    return { plan, notes: [`Whether ${names} can be used is not known: ${choice.device.reason}.`] };
  }
  const { gpus, reason } = choice.device;
  const isSame = gpus.length === before.length && gpus.every(({ uuid }, at) => uuid === before[at]?.uuid);
  const names = gpus.map(({ index, name }) => `GPU ${index} (${name})`).join(", ");
  // A script that counts GPUs itself was shown all of them, and its arguments still name the one it takes.
  const environment = GPU_MASKS.some((name) => name in plan.environment) ? choice.environment : {};
  return {
    plan: { ...plan, device: choice.device, environment: { ...plan.environment, ...environment } },
    notes: [...(isSame ? [] : [`It gets ${names} this time: ${reason}.`]), ...choice.warnings],
  };
}
