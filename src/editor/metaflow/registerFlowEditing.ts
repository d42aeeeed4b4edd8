import * as vscode from "vscode";
import { registerFlowDiagnostics } from "./flowDiagnostics.ts";
import { FlowHovers } from "./flowHovers.ts";
import { FlowLenses } from "./flowLenses.ts";
import { FlowQuickFixes } from "./flowQuickFixes.ts";
import type { FlowReports } from "./flowReports.ts";

const PYTHON: vscode.DocumentSelector = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
];

/** What a person sees in a flow's file while it is edited. Reads texts only, so that it works in Restricted Mode. */
export function registerFlowEditing(reports: FlowReports, onError: (error: unknown) => void): vscode.Disposable {
  const { languages } = vscode;
  return vscode.Disposable.from(
    registerFlowDiagnostics(reports, onError),
    languages.registerCodeActionsProvider(PYTHON, new FlowQuickFixes(reports), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    languages.registerCodeLensProvider(PYTHON, new FlowLenses(reports)),
    languages.registerHoverProvider(PYTHON, new FlowHovers(reports)),
  );
}
