import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { judgeLaunch } from "../../core/training/audit/launchRules.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { auditScript } from "./auditScript.ts";

/**
 * What a run would spoil and no agent may start, as warnings: a person decides, and sees it before the start. That
 * nothing is held out spoils nothing; people try a script before they make it honest.
 */
export async function launchWarnings(
  { script, cwd }: LaunchPlan,
  { workspaceFolder, signal }: { workspaceFolder: string; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const audits = await auditScript(script, workspaceFolder, signal);
  const exists = (path: string) => existsSync(resolve(cwd, path));
  const { refusals } = judgeLaunch({ audits, given: [], exists });
  return refusals.filter(({ check }) => check !== "held-out-data").map(({ evidence }) => evidence);
}
