import * as vscode from "vscode";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import type { PlannedTraining } from "./startTraining.ts";

/** Lets the person change the arguments as one line; undefined when they leave. Quotes group words, nothing is expanded. */
export async function editArguments({ plan, request }: PlannedTraining): Promise<PlanRequest | undefined> {
  const { joinArguments, splitArguments } = await import("../../core/training/argumentText.ts");
  const known = plan.arguments.map(({ flag, value }) => (value === undefined ? flag : `${flag} (${value})`));
  const text = await vscode.window.showInputBox({
    title: `Arguments of ${plan.title}`,
    prompt: known.length > 0 ? `Known: ${known.join(", ")}` : "This script's arguments could not be read; type them as in a terminal.",
    value: joinArguments(request.arguments ?? []),
    placeHolder: "--epochs 10 --learning-rate 0.001",
    ignoreFocusOut: true,
    validateInput: (value) => {
      const split = splitArguments(value);
      return split.kind === "unbalanced" ? split.message : undefined;
    },
  });
  if (text === undefined) {
    return undefined;
  }
  const split = splitArguments(text);
  return split.kind === "arguments" ? { ...request, script: plan.script, arguments: split.arguments } : undefined;
}
