import type * as vscode from "vscode";
import { mentionsMetaflow } from "../../core/metaflow/graph/runnableFlows.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import { PythonReports } from "../base/pythonReports.ts";
import { workspaceRoots } from "../base/workspace.ts";

/** What is known of the flows in open Python files. Files that do not speak of Metaflow cost a search for the word. */
export class FlowReports extends PythonReports<FlowReport> {
  constructor() {
    // A flow may inherit steps from the file that was saved.
    super(inspect, { followsImports: true });
  }
}

async function inspect(document: vscode.TextDocument): Promise<FlowReport | undefined> {
  const text = document.getText();
  if (!mentionsMetaflow(text)) {
    return undefined;
  }
  const { inspectFlowText } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowText(text, { path: document.uri.fsPath, roots: workspaceRoots() });
  return report.flows.length > 0 ? report : undefined;
}
