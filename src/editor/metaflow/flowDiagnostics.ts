import * as vscode from "vscode";
import { type FindingSettings, registerFindingDiagnostics } from "../base/findingDiagnostics.ts";
import type { FlowReports } from "./flowReports.ts";

/** Underlines mistakes in flows while they are typed. */
export function registerFlowDiagnostics(reports: FlowReports, onError: (error: unknown) => void): vscode.Disposable {
  return registerFindingDiagnostics({
    name: "trainyard-flows",
    reports,
    readSettings,
    affects: (change) => change.affectsConfiguration("trainyard.metaflow"),
    isShown: (rule) => rule !== "syntax-error" || !hasPythonLanguage(),
    onError,
  });
}

function readSettings(document: vscode.TextDocument): FindingSettings {
  const settings = vscode.workspace.getConfiguration("trainyard.metaflow", document);
  return { isOn: settings.get("lint", true), severity: settings.get("severity", {}) };
}

/** Whether another extension already underlines what is not Python. */
function hasPythonLanguage(): boolean {
  return ["ms-python.vscode-pylance", "ms-python.python", "detachhead.basedpyright", "ms-pyright.pyright"].some(
    (id) => vscode.extensions.getExtension(id) !== undefined,
  );
}
