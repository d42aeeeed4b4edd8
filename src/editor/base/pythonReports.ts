import * as vscode from "vscode";

/** Long enough that a word is typed to its end, short enough that the answer belongs to it. */
const DEBOUNCE_MS = 300;

export const PYTHON_FILES: vscode.DocumentSelector = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
];

/** What is known of the open Python files. Every feature of the editor asks here, so that a version of a file is read once. */
export class PythonReports<Report> implements vscode.Disposable {
  readonly #inspect: (document: vscode.TextDocument) => Promise<Report | undefined>;
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  /** A file was opened, or has rested after an edit. */
  readonly onDidSettle = this.#changed.event;
  readonly #known = new WeakMap<vscode.TextDocument, { version: number; report: Promise<Report | undefined> }>();
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  readonly #subscriptions: vscode.Disposable[];

  /**
   * `inspect`: reads one file that is Python; nothing where there is nothing to say of it. `followsImports`: whether a file
   * may say something else once another one is saved.
   */
  constructor(
    inspect: (document: vscode.TextDocument) => Promise<Report | undefined>,
    { followsImports }: { followsImports: boolean },
  ) {
    this.#inspect = inspect;
    const { workspace } = vscode;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#settleSoon(document, 0)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) {
          this.#settleSoon(document, DEBOUNCE_MS);
        }
      }),
      workspace.onDidCloseTextDocument((document) => this.#forget(document)),
      ...(followsImports ? [workspace.onDidSaveTextDocument((saved) => this.#importedChanged(saved))] : []),
      this.#changed,
    ];
    workspace.textDocuments.forEach((document) => this.#settleSoon(document, 0));
  }

  /** What a document says as it is now. */
  report(document: vscode.TextDocument): Promise<Report | undefined> {
    const known = this.#known.get(document);
    if (known?.version === document.version) {
      return known.report;
    }
    const report = isPython(document) ? this.#inspect(document) : Promise.resolve(undefined);
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
