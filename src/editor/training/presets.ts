import * as path from "node:path";
import * as vscode from "vscode";
import type { PlanRequest } from "../../core/training/launchPlan.ts";

const SECRETS_LEFT_OUT = "Its secrets were left out, since the file is shared; give them when you start it.";

/** Keeps a launch under a name, in `.trainyard/presets.yaml`. False when the person leaves. */
export async function savePresetOf(request: PlanRequest, folder: vscode.WorkspaceFolder): Promise<boolean> {
  const { presetNameProblem, presetOf } = await import("../../core/training/presets.ts");
  const { presetsPath, readPresets, savePreset } = await import("../../node/training/presetFile.ts");
  const root = folder.uri.fsPath;
  const { presets } = await readPresets(root);
  const name = await vscode.window.showInputBox({
    title: "Save as Preset",
    prompt: "A word to ask for it by: /train quick, Trainyard: Train…, trainyard run --preset quick",
    placeHolder: "quick",
    ignoreFocusOut: true,
    validateInput: (value) => {
      const problem = presetNameProblem(value);
      const message = `This replaces the preset ${value}.`;
      const isTaken = presets.some((preset) => preset.name === value);
      return problem ?? (isTaken ? { message, severity: vscode.InputBoxValidationSeverity.Warning } : undefined);
    },
  });
  const preset = name === undefined ? undefined : presetOf(name, request);
  if (preset === undefined) {
    return false;
  }
  await savePreset(root, preset);
  const open = "Open";
  const leftOut = preset.arguments.length < (request.arguments ?? []).length ? ` ${SECRETS_LEFT_OUT}` : "";
  // Not awaited: the notice may stay for long, and whoever saved goes on.
  void vscode.window.showInformationMessage(`Saved the preset ${preset.name}.${leftOut}`, open).then(async (choice) => {
    if (choice === open) {
      await vscode.window.showTextDocument(vscode.Uri.file(presetsPath(root)));
    }
  });
  return true;
}

/** The preset that the person picks, `script` where they want another script, undefined when they leave. */
export async function pickPreset(folder: vscode.WorkspaceFolder): Promise<PlanRequest | "script" | undefined> {
  const { renderShownCommand } = await import("../../core/training/commandLine.ts");
  const { readPresetsAndProblems } = await import("../../node/training/presetFile.ts");
  const { presets, problems } = await readPresetsAndProblems(folder.uri.fsPath);
  if (problems.length > 0) {
    // Not awaited: the sound ones can be started meanwhile.
    void warnOf(problems, folder);
  }
  if (presets.length === 0) {
    return "script";
  }
  const rows = [
    ...presets.map(({ name, script, arguments: words, device }) => ({
      label: `$(bookmark) ${name}`,
      description: renderShownCommand([script, ...words]),
      detail: device,
      chosen: { script: path.resolve(folder.uri.fsPath, script), arguments: words, device },
    })),
    { label: "$(file-code) Another script…", description: undefined, detail: undefined, chosen: "script" as const },
  ];
  const picked = await vscode.window.showQuickPick(rows, { title: "What shall be trained?", matchOnDescription: true });
  return picked?.chosen;
}

/** Says which lines of the file are no presets, and opens the first of them. */
async function warnOf(problems: readonly string[], folder: vscode.WorkspaceFolder): Promise<void> {
  const open = "Open File";
  const text = `Some presets cannot be used. ${problems.join(" ")}`.replaceAll("`", "");
  if ((await vscode.window.showWarningMessage(text, open)) !== open) {
    return;
  }
  const { presetsPath } = await import("../../node/training/presetFile.ts");
  const line = Number(/ line (\d+): /.exec(problems[0] ?? "")?.[1] ?? 1) - 1;
  const selection = new vscode.Range(line, 0, line, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(presetsPath(folder.uri.fsPath)), { selection });
}
