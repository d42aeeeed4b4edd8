import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import { flowPicture } from "../../core/metaflow/graph/flowPicture.ts";
import { type FlowRun, STATE_SIGNS, STATE_WORDS } from "../../core/metaflow/runs/flowRun.ts";
import { type GraphPanel, openGraphPanel, revealGraphPanel } from "../base/graphPanel.ts";
import type { FlowReports } from "./flowReports.ts";
import { showStep } from "./flowSteps.ts";
import { GraphRun, statusOf } from "./graphRun.ts";

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
  const subject = `${document.uri.toString()}#${graph.flow.name}`;
  if (revealGraphPanel(subject)) {
    return;
  }
  let shown = graph;
  const changed = new vscode.EventEmitter<void>();
  const follow = async () => {
    // While a line is being typed there may be no flow; the last drawing stays.
    shown = (await readGraph(reports, document, graph.flow.name)) ?? shown;
    changed.fire();
  };
  const run = new GraphRun({
    file: document.uri,
    flow: graph.flow.name,
    isVisible: () => panel.visible,
    onChange: () => changed.fire(),
    onError,
  });
  const panel = openGraphPanel({
    viewType: "trainyard.flowGraph",
    title: graph.flow.name,
    subject,
    icon: "type-hierarchy",
    column: vscode.ViewColumn.Beside,
    extensionFolder,
    picture: () => pictureOf(shown, run.run),
    choose: () => run.choose(),
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
  panel.onDidDispose(() => vscode.Disposable.from(settled, run, changed).dispose());
}

function pictureOf(graph: FlowGraph, run: FlowRun | undefined): ReturnType<GraphPanel["picture"]> {
  return run
    ? {
        picture: flowPicture(graph, statusOf(run)),
        caption: "",
        choice: `Run ${run.id}: ${STATE_SIGNS[run.state]} ${STATE_WORDS[run.state]} · Choose…`,
      }
    : { picture: flowPicture(graph), caption: "" };
}

async function readGraph(
  reports: FlowReports,
  document: vscode.TextDocument,
  name: string | undefined,
): Promise<FlowGraph | undefined> {
  const flows = (await reports.wholeReport(document))?.flows ?? [];
  const flow = flows.find((each) => each.name === name) ?? (name === undefined ? flows[0] : undefined);
  return flow && buildGraph(flow);
}
