import * as vscode from "vscode";
import type { LaunchPlan, PlanRequest } from "../../core/training/launchPlan.ts";

/** Lets the person change the arguments as one line; undefined when they leave. Quotes group words, nothing is expanded. */
export async function editArguments(plan: LaunchPlan, request: PlanRequest): Promise<PlanRequest | undefined> {
  const { renderCommandLine, splitCommandLine } = await import("../../core/training/commandLine.ts");
  const known = plan.arguments.map(({ flag, value }) => (value === undefined ? flag : `${flag} (${value})`));
  const text = await vscode.window.showInputBox({
    title: `Arguments of ${plan.title}`,
    prompt:
      known.length > 0
        ? `Known: ${known.join(", ")}`
        : "This script's arguments could not be read; type them as in a terminal.",
    value: renderCommandLine(request.arguments ?? []),
    placeHolder: "--epochs 10 --learning-rate 0.001",
    ignoreFocusOut: true,
    validateInput: (value) => splitCommandLine(value).problem,
  });
  return text === undefined ? undefined : { ...request, script: plan.script, arguments: splitCommandLine(text).words };
}
