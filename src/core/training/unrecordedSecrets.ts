import { isSecret } from "../base/secretWords.ts";
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

/** A plan as it may be written down, and the secret variables that its process is given besides. */
export function withoutSecrets(plan: LaunchPlan): { plan: LaunchPlan; secrets: Readonly<Record<string, string>> } {
  const entries = Object.entries(plan.environment);
  const secrets = entries.filter(([name, value]) => isSecret(name, value));
  if (secrets.length === 0) {
    return { plan, secrets: {} };
  }
  const unrecorded = secrets.map(([name]) => name);
  return {
    plan: {
      ...plan,
      environment: Object.fromEntries(entries.filter(([name, value]) => !isSecret(name, value))),
      unrecorded: [...new Set([...(plan.unrecorded ?? []), ...unrecorded])],
      warnings: [
        ...plan.warnings,
        `The value of ${unrecorded.join(", ")} is not recorded: set it again to run this once more.`,
      ],
    },
    secrets: Object.fromEntries(secrets),
  };
}
