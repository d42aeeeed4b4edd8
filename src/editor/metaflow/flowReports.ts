import type * as vscode from "vscode";
import type { FlowDrawing } from "../../core/metaflow/flowDrawing.ts";
import type { FlowSummary, StepHover } from "../../core/metaflow/flowSummary.ts";
import { mentionsMetaflow } from "../../core/metaflow/graph/mentionsMetaflow.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import type { FlowsClient } from "../../node/metaflow/flowsClient.ts";
import { PythonReports } from "../base/pythonReports.ts";
import { workspaceRoots } from "../base/workspace.ts";

/**
 * What is known of the flows in open Python files. What follows typing comes from a thread of its own, in the few words
 * that are shown. Files that do not speak of Metaflow cost a search for the word.
 */
export class FlowReports extends PythonReports<FlowSummary> {
  readonly #whole = new WeakMap<vscode.TextDocument, { version: number; report: Promise<FlowReport | undefined> }>();
  readonly #forgetting: vscode.Disposable;
  #client: Promise<FlowsClient> | undefined;

  constructor() {
    // A flow may inherit steps from the file that was saved.
    super((document) => this.#summarize(document), { followsImports: true });
    this.#forgetting = this.onDidSettle((document) => this.#whole.delete(document));
  }

  /** All of what a document says, with its syntax: for what a person asks for. Read on the thread of the editor. */
  wholeReport(document: vscode.TextDocument): Promise<FlowReport | undefined> {
    const { version } = document;
    const known = this.#whole.get(document);
    if (known?.version === version) {
      return known.report;
    }
    const report = inspect(document);
    this.#whole.set(document, { version, report });
    return report;
  }

  /** What is to be said of the step at a position. */
  async describeStepAt(
    document: vscode.TextDocument,
    { line, character }: vscode.Position,
  ): Promise<StepHover | undefined> {
    const text = document.getText();
    return mentionsMetaflow(text)
      ? (await this.#open()).describeStepAt(text, placeOf(document), { line, column: character })
      : undefined;
  }

  /** The flows of a document as a panel draws them, which follows typing too. */
  async drawFlows(document: vscode.TextDocument): Promise<readonly FlowDrawing[]> {
    const text = document.getText();
    return mentionsMetaflow(text) ? (await this.#open()).draw(text, placeOf(document)) : [];
  }

  override dispose(): void {
    super.dispose();
    this.#forgetting.dispose();
    void this.#client?.then((client) => client[Symbol.dispose]());
  }

  async #summarize(document: vscode.TextDocument): Promise<FlowSummary | undefined> {
    const text = document.getText();
    if (!mentionsMetaflow(text)) {
      return undefined;
    }
    const summary = await (await this.#open()).summarize(text, placeOf(document));
    return summary.flows.length > 0 ? summary : undefined;
  }

  #open(): Promise<FlowsClient> {
    this.#client ??= import("../../node/metaflow/flowsClient.ts").then(({ FlowsClient: Client }) => new Client());
    return this.#client;
  }
}

function placeOf(document: vscode.TextDocument): { path: string; roots: string[] } {
  return { path: document.uri.fsPath, roots: workspaceRoots() };
}

async function inspect(document: vscode.TextDocument): Promise<FlowReport | undefined> {
  const text = document.getText();
  if (!mentionsMetaflow(text)) {
    return undefined;
  }
  const { inspectFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowText(text, placeOf(document));
  return report.flows.length > 0 ? report : undefined;
}
