import type { LaunchPlan } from "../../core/training/launchPlan.ts";

/**
 * The variables that say which GPUs a training may see: those of its own command stand before those of the process that starts it,
 * as they will for the training.
 */
export function deviceEnvironment({ environment }: Pick<LaunchPlan, "environment">): NodeJS.ProcessEnv {
  return { ...process.env, ...environment };
}
