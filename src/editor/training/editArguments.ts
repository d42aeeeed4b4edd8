import * as vscode from "vscode";
import type { LaunchPlan, PlanRequest } from "../../core/training/launchPlan.ts";

type Edited = { plan: LaunchPlan; request: PlanRequest; folder: vscode.WorkspaceFolder };

/** Lets the person change the arguments as one line; undefined when they leave. Quotes group words, nothing is expanded. */
export async function editArguments({ plan, request, folder }: Edited): Promise<PlanRequest | undefined> {
  const { renderShownCommand, splitShownCommand } = await import("../../core/training/commandLine.ts");
  if (request.command !== undefined) {
    return editCommand(plan.title, request, request.command);
  }
  const { listKnownArguments } = await import("../../core/training/knownArguments.ts");
  const { readScript } = await import("../../node/training/planLaunch.ts");
  const context = { workspaceFolder: folder.uri.fsPath, environment: process.env };
  const { arguments: declared } = (await readScript(plan.script, context)).arguments;
  const known = listKnownArguments(plan.arguments, declared);
  const before = request.arguments ?? [];
  const text = await vscode.window.showInputBox({
    title: `Arguments of ${plan.title}`,
    prompt:
      known.length > 0
        ? `Known: ${known.join(", ")}`
        : "This script's arguments could not be read; type them as in a terminal.",
    value: renderShownCommand(before),
    placeHolder: "--epochs 10 --learning-rate 0.001",
    ignoreFocusOut: true,
    validateInput: (value) => splitShownCommand(value, before).problem,
  });
  if (text === undefined) {
    return undefined;
  }
  const { words, problem } = splitShownCommand(text, before);
  return problem === undefined ? { ...request, script: plan.script, arguments: words } : undefined;
}

/** A command of a launcher is edited as a whole: which of its words are the launcher's own is its to know. */
async function editCommand(
  title: string,
  request: PlanRequest,
  command: readonly string[],
): Promise<PlanRequest | undefined> {
  const { renderShownCommand, splitShownCommand } = await import("../../core/training/commandLine.ts");
  const text = await vscode.window.showInputBox({
    title: `Command of ${title}`,
    value: renderShownCommand(command),
    ignoreFocusOut: true,
    validateInput: (value) => splitShownCommand(value, command).problem,
  });
  if (text === undefined || text.trim() === "") {
    return undefined;
  }
  const { words, problem } = splitShownCommand(text, command);
  return problem === undefined ? { ...request, command: words } : undefined;
}
