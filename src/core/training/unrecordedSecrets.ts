import type { LaunchPlan } from "./launchPlan.ts";

/** The variables that a plan needs, whose values no file of its run holds and the environment has not. */
export function missingSecrets(
  { unrecorded = [] }: LaunchPlan,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  return unrecorded.filter((name) => environment[name] === undefined);
}

/** The sentence about them for whoever starts the plan again; none where none is missing. */
export function noteMissingSecrets(
  plan: LaunchPlan,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const missing = missingSecrets(plan, environment);
  return missing.length === 0 ? [] : [`The value of ${missing.join(", ")} was not recorded and has to be given again.`];
}
