import * as vscode from "vscode";
import { FindingQuickFixes } from "../base/findingQuickFixes.ts";
import { PYTHON_FILES } from "../base/pythonReports.ts";
import { registerFlowDiagnostics } from "./flowDiagnostics.ts";
import { FlowHovers } from "./flowHovers.ts";
import { FlowLenses } from "./flowLenses.ts";
import type { FlowReports } from "./flowReports.ts";

/** What a person sees in a flow's file while it is edited. Reads texts only, so that it works in Restricted Mode. */
export function registerFlowEditing(reports: FlowReports, onError: (error: unknown) => void): vscode.Disposable {
  const { languages } = vscode;
  return vscode.Disposable.from(
    registerFlowDiagnostics(reports, onError),
    languages.registerCodeActionsProvider(PYTHON_FILES, new FindingQuickFixes(reports), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    languages.registerCodeLensProvider(PYTHON_FILES, new FlowLenses(reports)),
    languages.registerHoverProvider(PYTHON_FILES, new FlowHovers(reports)),
  );
}
