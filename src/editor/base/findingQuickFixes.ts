import * as vscode from "vscode";
import type { Fix, Problem } from "../../core/base/problems.ts";
import { DIAGNOSTIC_SOURCE } from "./findingDiagnostics.ts";
import type { PythonReports } from "./pythonReports.ts";
import { toRange } from "./toRange.ts";

type FixableFinding = Problem & { fixes: readonly Fix[] };

/** Rules that look into texts, where a comment would be part of the text. */
const IN_TEXTS = new Set(["schedule-option", "syntax-error"]);

/** Repairs for what is underlined, and a comment that silences it. */
export class FindingQuickFixes implements vscode.CodeActionProvider {
  readonly #reports: PythonReports<{ findings: readonly FixableFinding[] }>;

  constructor(reports: PythonReports<{ findings: readonly FixableFinding[] }>) {
    this.#reports = reports;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const shown = context.diagnostics.filter(({ source }) => source === DIAGNOSTIC_SOURCE);
    const report = shown.length > 0 ? await this.#reports.report(document) : undefined;
    return shown.flatMap((diagnostic) => {
      const finding = report?.findings.find(
        ({ code, range }) => code === ruleOf(diagnostic) && toRange(range).isEqual(diagnostic.range),
      );
      return finding ? [...repairs(finding, diagnostic, document), ...silence(finding, diagnostic, document)] : [];
    });
  }
}

function ruleOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === "object" ? code.value : code;
}

function repairs(
  { fixes }: FixableFinding,
  diagnostic: vscode.Diagnostic,
  { uri }: vscode.TextDocument,
): vscode.CodeAction[] {
  return fixes.map(({ title, edits }) => {
    const action = quickFix(title, diagnostic);
    action.isPreferred = fixes.length === 1;
    action.edit = new vscode.WorkspaceEdit();
    for (const { range, text } of edits) {
      action.edit.replace(uri, toRange(range), text);
    }
    return action;
  });
}

function silence(
  { code, range }: FixableFinding,
  diagnostic: vscode.Diagnostic,
  document: vscode.TextDocument,
): vscode.CodeAction[] {
  if (IN_TEXTS.has(code)) {
    return [];
  }
  const line = document.lineAt(range.start.line);
  const comment = `# trainyard: ignore[${code}]`;
  const action = quickFix(`Ignore ${code} here`, diagnostic);
  action.edit = new vscode.WorkspaceEdit();
  // Behind a comment, or where the line goes on below, the comment needs a line of its own.
  if (/[#\\]|["']{3}/.test(line.text)) {
    const indent = line.text.slice(0, line.firstNonWhitespaceCharacterIndex);
    action.edit.insert(document.uri, line.range.start, `${indent}${comment}\n`);
  } else {
    action.edit.insert(document.uri, line.range.end, `  ${comment}`);
  }
  return [action];
}

function quickFix(title: string, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  return action;
}
