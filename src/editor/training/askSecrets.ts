import * as vscode from "vscode";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";

/**
 * The secrets of an earlier run that nobody wrote down, as the person types them: variables for the process alone. Throws a
 * CancellationError when they leave.
 */
export async function askSecrets(
  plan: LaunchPlan,
  known: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { missingSecrets } = await import("../../core/training/unrecordedSecrets.ts");
  const given: Record<string, string> = { ...known };
  for (const name of missingSecrets(plan, { ...process.env, ...known })) {
    const value = await vscode.window.showInputBox({
      title: `${name} for ${plan.title}`,
      prompt: "It was set for the earlier run and not recorded. It is passed to the training and written nowhere.",
      password: true,
      ignoreFocusOut: true,
    });
    if (value === undefined) {
      throw new vscode.CancellationError();
    }
    given[name] = value;
  }
  return given;
}
