import * as vscode from "vscode";
import type { FlowSummary, StepHover } from "../../core/metaflow/flowSummary.ts";
import { mentionsMetaflow } from "../../core/metaflow/graph/runnableFlows.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import type { FlowsClient } from "../../node/metaflow/flowsClient.ts";

/** Long enough that a word is typed to its end, short enough that the answer belongs to it. */
const DEBOUNCE_MS = 300;

/** One answer for each version of a document. */
type Versioned<Answer> = WeakMap<vscode.TextDocument, { version: number; answer: Promise<Answer | undefined> }>;

/**
 * What is known of the flows in open Python files. Every feature of the editor asks here, so that a version of a
 * file is read once. What follows typing is read in a thread of its own; what a person asks for, with its whole syntax
 * tree, is read here. Files that do not speak of Metaflow cost a search for the word.
 */
export class FlowReports implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.TextDocument>();
  /** A file was opened, or has rested after an edit. */
  readonly onDidSettle = this.#changed.event;
  readonly #reports: Versioned<FlowReport> = new WeakMap();
  readonly #summaries: Versioned<FlowSummary> = new WeakMap();
  #client: Promise<FlowsClient> | undefined;
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

  /** All of what a document says as it is now; nothing for one without flows. */
  report(document: vscode.TextDocument): Promise<FlowReport | undefined> {
    return onceFor(this.#reports, document, () => inspect(document));
  }

  /** What is shown of a document while it is typed; nothing for one without flows. */
  summary(document: vscode.TextDocument): Promise<FlowSummary | undefined> {
    return onceFor(this.#summaries, document, async () => {
      const text = flowText(document);
      const summary = text === undefined ? undefined : await (await this.#open()).summarize(text, placeOf(document));
      return summary && summary.flows.length > 0 ? summary : undefined;
    });
  }

  /** What is to be said of the step at a position. */
  async describeStepAt(
    document: vscode.TextDocument,
    { line, character }: vscode.Position,
  ): Promise<StepHover | undefined> {
    const text = flowText(document);
    const position = { line, column: character };
    return text === undefined ? undefined : (await this.#open()).describeStepAt(text, placeOf(document), position);
  }

  dispose(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#subscriptions.forEach((subscription) => subscription.dispose());
    void this.#client?.then((client) => client[Symbol.dispose]());
  }

  #open(): Promise<FlowsClient> {
    this.#client ??= import("../../node/metaflow/flowsClient.ts").then(({ FlowsClient: Client }) => new Client());
    return this.#client;
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
    this.#reports.delete(document);
    this.#summaries.delete(document);
  }

  /** A flow may inherit steps from the file that was saved. */
  #importedChanged(saved: vscode.TextDocument): void {
    if (!isPython(saved)) {
      return;
    }
    for (const document of vscode.workspace.textDocuments) {
      if (document !== saved && isPython(document)) {
        this.#reports.delete(document);
        this.#summaries.delete(document);
        this.#settleSoon(document, 0);
      }
    }
  }
}

function isPython(document: vscode.TextDocument): boolean {
  return document.languageId === "python" && (document.uri.scheme === "file" || document.isUntitled);
}

/** Remembers the answer for a version of a document. */
function onceFor<Answer>(
  known: Versioned<Answer>,
  document: vscode.TextDocument,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const { version } = document;
  const earlier = known.get(document);
  if (earlier?.version === version) {
    return earlier.answer;
  }
  const answer = ask();
  known.set(document, { version, answer });
  return answer;
}

/** The text of a document that may hold flows. */
function flowText(document: vscode.TextDocument): string | undefined {
  const text = isPython(document) ? document.getText() : "";
  return mentionsMetaflow(text) ? text : undefined;
}

function placeOf(document: vscode.TextDocument): { path: string; roots: string[] } {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return { path: document.uri.fsPath, roots };
}

async function inspect(document: vscode.TextDocument): Promise<FlowReport | undefined> {
  const text = flowText(document);
  if (text === undefined) {
    return undefined;
  }
  const { inspectFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowText(text, placeOf(document));
  return report.flows.length > 0 ? report : undefined;
}
