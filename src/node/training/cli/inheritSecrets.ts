import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { withoutSecrets } from "../../../core/training/unrecordedSecrets.ts";

/**
 * The plan without the secrets that were typed before its command. They become variables of this process, which the supervisor
 * and its training inherit, so that no file of the run holds them.
 */
export function inheritSecrets(plan: LaunchPlan): LaunchPlan {
  const { plan: recorded, secrets } = withoutSecrets(plan);
  Object.assign(process.env, secrets);
  return recorded;
}
