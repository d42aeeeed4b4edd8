import * as vscode from "vscode";
import { mentionsMetaflow } from "../../core/metaflow/graph/runnableFlows.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";

/** Long enough that a word is typed to its end, short enough that the answer belongs to it. */
const DEBOUNCE_MS = 300;

/**
 * What is known of the flows in open Python files. Every feature of the editor asks here, so that a version of a
 * file is read once. Files that do not speak of Metaflow cost a search for the word.
 */
export class FlowReports implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  /** A file was opened, or has rested after an edit. */
  readonly onDidSettle = this.#changed.event;
  readonly #known = new WeakMap<vscode.TextDocument, { version: number; report: Promise<FlowReport | undefined> }>();
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  readonly #subscriptions: vscode.Disposable[];

  constructor() {
    const { workspace } = vscode;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#settleSoon(document, 0)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) {
          this.#settleSoon(document, DEBOUNCE_MS);
        }
      }),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      workspace.onDidSaveTextDocument((saved) => this.#importedChanged(saved)),
      this.#changed,
    ];
    workspace.textDocuments.forEach((document) => this.#settleSoon(document, 0));
  }

  /** What a document says as it is now; nothing for one without flows. */
  report(document: vscode.TextDocument): Promise<FlowReport | undefined> {
    const known = this.#known.get(document);
    if (known?.version === document.version) {
      return known.report;
    }
    const report = inspect(document);
    this.#known.set(document, { version: document.version, report });
    return report;
  }

  dispose(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#subscriptions.forEach((subscription) => subscription.dispose());
  }

  #settleSoon(document: vscode.TextDocument, delayMs: number): void {
    if (!isPython(document)) {
      return;
    }
    clearTimeout(this.#timers.get(document));
    const timer = setTimeout(() => {
      this.#timers.delete(document);
      this.#changed.fire(document);
    }, delayMs);
    this.#timers.set(document, timer);
  }

  #forget(document: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(document));
    this.#timers.delete(document);
    this.#known.delete(document);
  }

  /** A flow may inherit steps from the file that was saved. */
  #importedChanged(saved: vscode.TextDocument): void {
    if (!isPython(saved)) {
      return;
    }
    for (const document of vscode.workspace.textDocuments) {
      if (document !== saved && isPython(document)) {
        this.#known.delete(document);
        this.#settleSoon(document, 0);
      }
    }
  }
}

function isPython(document: vscode.TextDocument): boolean {
  return document.languageId === "python" && (document.uri.scheme === "file" || document.isUntitled);
}

async function inspect(document: vscode.TextDocument): Promise<FlowReport | undefined> {
  const text = document.getText();
  if (!isPython(document) || !mentionsMetaflow(text)) {
    return undefined;
  }
  const { inspectFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const report = await inspectFlowText(text, { path: document.uri.fsPath, roots });
  return report.flows.length > 0 ? report : undefined;
}
