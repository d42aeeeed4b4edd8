import * as vscode from "vscode";
import type { Problem } from "../../core/base/problems.ts";
import type { PythonReports } from "./pythonReports.ts";
import { toRange } from "./toRange.ts";

export const DIAGNOSTIC_SOURCE = "Trainyard";

const SEVERITIES: ReadonlyMap<string, vscode.DiagnosticSeverity> = new Map([
  ["error", vscode.DiagnosticSeverity.Error],
  ["warning", vscode.DiagnosticSeverity.Warning],
  ["information", vscode.DiagnosticSeverity.Information],
  ["hint", vscode.DiagnosticSeverity.Hint],
]);

type Report = { findings: readonly Problem[] };

export type FindingSettings = {
  isOn: boolean;
  /** How serious people take a rule, by its name; `off` for not at all. */
  severity: Readonly<Record<string, string>>;
};

export type DiagnosticOptions<Found extends Report> = {
  /** Of the collection, for VS Code. */
  name: string;
  reports: PythonReports<Found>;
  readSettings: (document: vscode.TextDocument) => FindingSettings;
  affects: (change: vscode.ConfigurationChangeEvent) => boolean;
  /** Where a rule is explained; asked once for each rule that found something. */
  explain?: (rule: string) => Promise<vscode.Uri | undefined>;
  /** Whether the report is of a text that is being typed, so that what was underlined before stays. */
  isTentative?: (report: Found) => boolean;
  isShown?: (rule: string) => boolean;
  onError: (error: unknown) => void;
};

/** Underlines what the reports find, while it is typed. */
export function registerFindingDiagnostics<Found extends Report>(options: DiagnosticOptions<Found>): vscode.Disposable {
  const { name, reports, affects, onError } = options;
  const collection = vscode.languages.createDiagnosticCollection(name);
  const show = (document: vscode.TextDocument) => {
    showFindings(document, collection, options).catch(onError);
  };
  return vscode.Disposable.from(
    collection,
    reports.onDidSettle(show),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (affects(change)) {
        vscode.workspace.textDocuments.forEach(show);
      }
    }),
  );
}

async function showFindings<Found extends Report>(
  document: vscode.TextDocument,
  collection: vscode.DiagnosticCollection,
  options: DiagnosticOptions<Found>,
): Promise<void> {
  const { isOn, severity: chosen } = options.readSettings(document);
  if (!isOn) {
    collection.delete(document.uri);
    return;
  }
  const { version } = document;
  const report = await options.reports.report(document);
  if (report && options.isTentative?.(report) === true) {
    return;
  }
  const explained = new Map<string, vscode.Uri | undefined>();
  for (const rule of new Set(report?.findings.map(({ code }) => code))) {
    explained.set(rule, await options.explain?.(rule));
  }
  // An edit in the meantime settles by itself, and brings its own answer.
  if (document.isClosed || document.version !== version) {
    return;
  }
  const shown = (report?.findings ?? []).filter(
    ({ code }) => chosen[code] !== "off" && options.isShown?.(code) !== false,
  );
  collection.set(
    document.uri,
    shown.map((finding) => toDiagnostic(finding, chosen[finding.code], explained.get(finding.code))),
  );
}

function toDiagnostic(
  { code, severity, message, range }: Problem,
  chosen: string | undefined,
  target: vscode.Uri | undefined,
): vscode.Diagnostic {
  const level = SEVERITIES.get(chosen ?? severity) ?? SEVERITIES.get(severity);
  const diagnostic = new vscode.Diagnostic(toRange(range), message.replaceAll("*", ""), level);
  diagnostic.source = DIAGNOSTIC_SOURCE;
  diagnostic.code = target === undefined ? code : { value: code, target };
  return diagnostic;
}
