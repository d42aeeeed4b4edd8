import { fitWorkers } from "../../../core/metaflow/gpuFit.ts";
import { chooseSharedGpus } from "../../../core/training/gpuChoice.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { listGpuLeases } from "../gpuLease.ts";
import { watchGpus } from "../gpuLooks.ts";
import type { ReadScript } from "../planLaunch.ts";
import { userLeases } from "../runLeases.ts";
import { taskGpuEnvironment } from "../taskGpus.ts";

/** What surrounds a typed command; `isForFreeGpu`: it waits for one and is given that one alone. */
export type GpuSharing = { environment: NodeJS.ProcessEnv; isForFreeGpu?: boolean };

type FlowScript = { source?: Pick<ReadScript, "facts">; given: readonly string[] };

/**
 * The GPUs of a flow that was typed, where its tasks ask for some side by side: left alone, Metaflow would start up to
 * sixteen of them on the first GPU. Nothing for other commands, or where there is no GPU.
 */
export async function shareGpus(
  typed: Pick<LaunchPlan, "environment">,
  { source, given }: FlowScript,
  { environment: host, isForFreeGpu = false }: GpuSharing,
): Promise<Partial<Pick<LaunchPlan, "device" | "environment">>> {
  const gpuNeeds = source?.facts.flow?.gpuNeeds ?? [];
  if (gpuNeeds.length === 0) {
    return {};
  }
  const environment = { ...host, ...typed.environment };
  const command = { gpuNeeds, words: given };
  if (isForFreeGpu) {
    return { environment: { ...typed.environment, ...taskGpuEnvironment(command, 1, environment) } };
  }
  const { folder, isAlive } = userLeases();
  const [query, leases] = await Promise.all([watchGpus({ environment }), listGpuLeases(folder, isAlive)]);
  const choice = chooseSharedGpus({ query, leases, environment });
  if (choice?.device.kind !== "cuda") {
    return {};
  }
  const { device } = choice;
  const count = device.gpus.length;
  const fit = fitWorkers(gpuNeeds, count);
  return {
    device: { ...device, reason: fit?.reason ?? device.reason },
    environment: { ...typed.environment, ...choice.environment, ...taskGpuEnvironment(command, count, environment) },
  };
}
