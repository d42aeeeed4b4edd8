import * as vscode from "vscode";
import type { Finding } from "../../core/metaflow/lint/finding.ts";
import { toRange } from "../base/toRange.ts";
import type { FlowReports } from "./flowReports.ts";

export const DIAGNOSTIC_SOURCE = "Trainyard";

const SEVERITIES: Readonly<Record<string, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Underlines mistakes in flows while they are typed. */
export function registerFlowDiagnostics(reports: FlowReports, onError: (error: unknown) => void): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection("trainyard-flows");
  const show = async (document: vscode.TextDocument) => {
    const { version } = document;
    const summary = await reports.summary(document);
    // An edit in the meantime settles by itself, and brings its own answer.
    if (!document.isClosed && document.version === version) {
      collection.set(document.uri, diagnosticsOf(summary?.findings ?? [], document));
    }
  };
  const showAll = () => vscode.workspace.textDocuments.forEach((document) => void show(document).catch(onError));
  return vscode.Disposable.from(
    collection,
    reports.onDidSettle((document) => void show(document).catch(onError)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("trainyard.metaflow")) {
        showAll();
      }
    }),
  );
}

function diagnosticsOf(findings: readonly Finding[], document: vscode.TextDocument): vscode.Diagnostic[] {
  const settings = vscode.workspace.getConfiguration("trainyard.metaflow", document);
  if (!settings.get("lint", true)) {
    return [];
  }
  const chosen = settings.get<Record<string, string>>("severity", {});
  return findings.flatMap(({ code, severity, message, range }) => {
    const level = chosen[code] ?? severity;
    if (level === "off" || (code === "syntax-error" && hasPythonLanguage())) {
      return [];
    }
    const diagnostic = new vscode.Diagnostic(
      toRange(range),
      message.replaceAll("*", ""),
      SEVERITIES[level] ?? SEVERITIES[severity],
    );
    diagnostic.source = DIAGNOSTIC_SOURCE;
    diagnostic.code = code;
    return [diagnostic];
  });
}

/** Whether another extension already underlines what is not Python. */
function hasPythonLanguage(): boolean {
  return ["ms-python.vscode-pylance", "ms-python.python", "detachhead.basedpyright", "ms-pyright.pyright"].some(
    (id) => vscode.extensions.getExtension(id) !== undefined,
  );
}
