import * as path from "node:path";
import * as vscode from "vscode";
import type { MlReport } from "../../core/training/audit/checkMachineLearning.ts";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { type FindingSettings, registerFindingDiagnostics } from "../base/findingDiagnostics.ts";
import { FindingQuickFixes } from "../base/findingQuickFixes.ts";
import { PYTHON_FILES, PythonReports } from "../base/pythonReports.ts";

/**
 * Underlines what makes a model look better than it is, or its result impossible to get again, in files that import a
 * library for machine learning. Texts are read in the thread for Python, so that a large file holds up nobody.
 */
export function registerMlChecks(extensionFolder: string, onError: (error: unknown) => void): vscode.Disposable {
  const reports = new PythonReports(inspect, { followsImports: false });
  return vscode.Disposable.from(
    reports,
    registerFindingDiagnostics({
      name: "trainyard-ml",
      reports,
      readSettings,
      affects: (change) => change.affectsConfiguration("trainyard.mlChecks"),
      explain: (rule) => explainRule(rule, extensionFolder),
      // A validation may be about to be typed.
      isTentative: ({ hasSyntaxErrors }) => hasSyntaxErrors,
      onError,
    }),
    vscode.languages.registerCodeActionsProvider(PYTHON_FILES, new FindingQuickFixes(reports), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
  );
}

function readSettings(document: vscode.TextDocument): FindingSettings {
  const settings = vscode.workspace.getConfiguration("trainyard.mlChecks", document);
  return { isOn: settings.get("enabled", true), severity: settings.get("severity", {}) };
}

async function inspect(document: vscode.TextDocument): Promise<MlReport | undefined> {
  const text = document.getText();
  if (!mentionsMachineLearning(text)) {
    return undefined;
  }
  const { pythonReader } = await import("../../node/base/pythonReader.ts");
  const { inItsFolder } = await import("../../node/training/evaluatedBeside.ts");
  const report = await pythonReader().read("mlChecks", { text });
  return { ...report, findings: await inItsFolder(document.uri.fsPath, report.findings) };
}

let chapters: Promise<readonly string[]> | undefined;

/** The paragraph of a rule, as a place in the file that the extension brings along. */
async function explainRule(rule: string, extensionFolder: string): Promise<vscode.Uri | undefined> {
  const file = vscode.Uri.file(path.join(extensionFolder, "docs", "ml-checks.md"));
  chapters ??= readLines(file);
  const line = (await chapters).indexOf(`### \`${rule}\``);
  return line === -1 ? undefined : file.with({ fragment: `L${line + 1}` });
}

async function readLines(file: vscode.Uri): Promise<readonly string[]> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file)).split(/\r?\n/);
}
