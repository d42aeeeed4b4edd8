import * as vscode from "vscode";
import type { ScriptArgument, ScriptArguments } from "../../core/training/scriptArguments.ts";
import { planContext } from "./startTraining.ts";

/**
 * Asks what varies: typed as `lr=1e-3,1e-4 batch=32,64`, or picked from the arguments of the script where nothing is
 * typed. Undefined when the person leaves.
 */
export async function askGrid(script: string, folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const { readScript } = await import("../../node/training/planLaunch.ts");
  const context = await planContext(folder, new AbortController().signal);
  const { arguments: declared } = await readScript(script, context);
  const problemOf = await gridChecker(declared);
  const known = declared.arguments.map(({ flag, default: value }) =>
    value === undefined ? flag : `${flag} (${value})`,
  );
  const typed = await vscode.window.showInputBox({
    title: "Which values shall be tried?",
    prompt:
      known.length > 0
        ? `Every combination is run. Leave it empty to pick from: ${known.join(", ")}`
        : "This script's arguments could not be read; type them with their dashes.",
    placeHolder: "lr=1e-3,1e-4 batch=32,64",
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === "" && known.length > 0 ? undefined : problemOf(value)),
  });
  return typed?.trim() === "" ? pickGrid(declared, problemOf) : typed;
}

async function gridChecker(declared: ScriptArguments): Promise<(text: string) => string | undefined> {
  const { gridProblem, readSweepText } = await import("../../core/training/sweep/sweepGrid.ts");
  return (text) => {
    const { axes, problems } = readSweepText(text, declared);
    return problems.length > 0 ? problems.join(" ") : gridProblem(axes);
  };
}

async function pickGrid(
  declared: ScriptArguments,
  problemOf: (text: string) => string | undefined,
): Promise<string | undefined> {
  const rows = declared.arguments
    .filter(({ kind }) => kind !== "positional")
    .map((argument) => ({ label: argument.flag, description: argument.default, detail: argument.help, argument }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: "Which arguments vary?",
    canPickMany: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  const axes: string[] = [];
  for (const { argument } of picked ?? []) {
    const values = await askValues(argument, problemOf);
    if (values === undefined) {
      return undefined;
    }
    axes.push(`${nameOf(argument)}=${values}`);
  }
  return axes.length === 0 ? undefined : axes.join(" ");
}

function askValues(
  argument: ScriptArgument,
  problemOf: (text: string) => string | undefined,
): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: `Values of ${argument.flag}`,
    prompt: [argument.help, "Separate them by commas; 1..5 stands for whole numbers, 1..100..10 for every tenth."]
      .filter(Boolean)
      .join(". "),
    value: (argument.choices ?? (argument.kind === "switch" ? ["on", "off"] : [argument.default ?? ""])).join(","),
    ignoreFocusOut: true,
    validateInput: (value) => problemOf(`${nameOf(argument)}=${value}`),
  });
}

function nameOf({ kind, name, flag }: ScriptArgument): string {
  return kind === "override" ? name : flag;
}
