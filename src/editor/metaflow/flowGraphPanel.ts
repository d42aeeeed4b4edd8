import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import { flowPicture } from "../../core/metaflow/graph/flowPicture.ts";
import { openGraphPanel } from "../base/graphPanel.ts";
import type { FlowReports } from "./flowReports.ts";
import { showStep } from "./flowSteps.ts";

type PanelDeps = { reports: FlowReports; extensionFolder: string; onError: (error: unknown) => void };

/** Draws the flow of a document beside it, follows edits, and goes to a step that is clicked. */
export async function showFlowGraph(
  document: vscode.TextDocument,
  flowName: string | undefined,
  { reports, extensionFolder, onError }: PanelDeps,
): Promise<void> {
  const graph = await readGraph(reports, document, flowName);
  if (!graph) {
    throw new UserError(`${vscode.workspace.asRelativePath(document.uri)} has no flow that could be drawn.`);
  }
  let shown = graph;
  const changed = new vscode.EventEmitter<void>();
  const follow = async () => {
    // While a line is being typed there may be no flow; the last drawing stays.
    shown = (await readGraph(reports, document, graph.flow.name)) ?? shown;
    changed.fire();
  };
  const panel = openGraphPanel({
    viewType: "trainyard.flowGraph",
    title: graph.flow.name,
    column: vscode.ViewColumn.Beside,
    extensionFolder,
    picture: () => ({ picture: flowPicture(shown), caption: "" }),
    onDidChange: changed.event,
    async open(name) {
      const node = shown.nodes.get(name);
      if (node) {
        await showStep(node);
      }
    },
    onError,
  });
  const settled = reports.onDidSettle((other) => {
    if (other === document) {
      follow().catch(onError);
    }
  });
  panel.onDidDispose(() => vscode.Disposable.from(settled, changed).dispose());
}

async function readGraph(
  reports: FlowReports,
  document: vscode.TextDocument,
  name: string | undefined,
): Promise<FlowGraph | undefined> {
  const flows = (await reports.report(document))?.flows ?? [];
  const flow = flows.find((each) => each.name === name) ?? (name === undefined ? flows[0] : undefined);
  return flow && buildGraph(flow);
}
