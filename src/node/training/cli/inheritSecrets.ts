import { isSecretName } from "../../../core/base/secretWords.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";

/**
 * The plan without the secrets that were typed before its command. They become variables of this process, which the supervisor
 * and its training inherit, so that no file of the run holds them.
 */
export function inheritSecrets(plan: LaunchPlan): LaunchPlan {
  const entries = Object.entries(plan.environment);
  const secrets = entries.filter(([name]) => isSecretName(name));
  if (secrets.length === 0) {
    return plan;
  }
  Object.assign(process.env, Object.fromEntries(secrets));
  const unrecorded = secrets.map(([name]) => name);
  return {
    ...plan,
    environment: Object.fromEntries(entries.filter(([name]) => !isSecretName(name))),
    unrecorded,
    warnings: [
      ...plan.warnings,
      `The value of ${unrecorded.join(", ")} is not recorded: set it again to run this once more.`,
    ],
  };
}
