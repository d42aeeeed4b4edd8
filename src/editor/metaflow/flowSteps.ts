import * as vscode from "vscode";
import { placeOfStep, type StepPlace } from "../../core/metaflow/flowDrawing.ts";
import { buildGraph, type FlowGraph, type FlowNode } from "../../core/metaflow/graph/flowGraph.ts";
import { toRange } from "../base/toRange.ts";
import type { FlowReports } from "./flowReports.ts";

async function graphsOf(reports: FlowReports, document: vscode.TextDocument): Promise<FlowGraph[]> {
  return ((await reports.wholeReport(document))?.flows ?? []).map(buildGraph);
}

/** Moves the cursor along the flow, from the step it is in to one behind or before it; asks where there are several. */
export async function goToStep(reports: FlowReports, direction: "next" | "previous"): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const graphs = editor ? await graphsOf(reports, editor.document) : [];
  const line = editor?.selection.active.line ?? 0;
  const here = graphs
    .flatMap((graph) => [...graph.nodes.values()].map((node) => ({ graph, node })))
    .find(isAround(line));
  if (!editor || !here) {
    void vscode.window.showInformationMessage("Put the cursor into a step of a flow first.");
    return;
  }
  const { graph, node } = here;
  const names = direction === "next" ? [...new Set(node.next)] : node.incoming;
  const steps = names.flatMap((name) => graph.nodes.get(name) ?? []);
  const step = steps.length > 1 ? await pickStep(steps, direction) : steps[0];
  if (step) {
    await showStep(placeOfStep(step));
  } else if (steps.length === 0) {
    const where = direction === "next" ? "No step follows" : "No step leads to";
    void vscode.window.showInformationMessage(`${where} ${node.name}.`);
  }
}

function isAround(line: number): (step: { graph: FlowGraph; node: FlowNode }) => boolean {
  return ({ graph, node: { step } }) =>
    step.file === graph.flow.file && step.source.firstLine <= line && line <= step.source.fullRange.end.line;
}

async function pickStep(steps: readonly FlowNode[], direction: string): Promise<FlowNode | undefined> {
  const rows = steps.map((step) => ({ label: step.name, description: step.type ?? "", step }));
  return (await vscode.window.showQuickPick(rows, { title: `Go to which ${direction} step?` }))?.step;
}

/** Opens the file of a step, which a base class may have elsewhere, at its name. */
export async function showStep(place: StepPlace): Promise<void> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === place.path);
  const document = open ?? (await vscode.workspace.openTextDocument(vscode.Uri.file(place.path)));
  const range = toRange(place.range);
  const editor = await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(range.start, range.start),
    viewColumn: visibleColumn(document),
  });
  editor.revealRange(toRange(place.fullRange), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Where the file shows already, so that a click in a drawing beside it does not cover the drawing. */
function visibleColumn(document: vscode.TextDocument): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  return shown?.viewColumn ?? vscode.ViewColumn.One;
}
