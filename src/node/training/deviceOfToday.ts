import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { holdsGpus, type RenewedPlan, renewDevice } from "../../core/training/resume/renewDevice.ts";
import { listGpuLeases } from "./gpuLease.ts";
import { watchGpus } from "./gpuLooks.ts";
import { userLeases } from "./runLeases.ts";

/** The plan of an earlier run with the GPUs that it can be given now. */
export async function withDeviceOfToday(plan: LaunchPlan): Promise<RenewedPlan> {
  if (!holdsGpus(plan)) {
    return { plan, notes: [] };
  }
  const { folder, isAlive } = userLeases();
  const environment = process.env;
  const [query, leases] = await Promise.all([watchGpus({ environment }), listGpuLeases(folder, isAlive)]);
  return renewDevice(plan, { query, leases, environment });
}
