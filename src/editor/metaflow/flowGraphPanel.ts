import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { type FlowDrawing, withStatus } from "../../core/metaflow/flowDrawing.ts";
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
  const drawing = await readDrawing(reports, document, flowName);
  if (!drawing) {
    throw new UserError(`${vscode.workspace.asRelativePath(document.uri)} has no flow that could be drawn.`);
  }
  const subject = `${document.uri.toString()}#${drawing.name}`;
  if (revealGraphPanel(subject)) {
    return;
  }
  let shown = drawing;
  const changed = new vscode.EventEmitter<void>();
  const follow = async () => {
    // While a line is being typed there may be no flow; the last drawing stays.
    shown = (await readDrawing(reports, document, drawing.name)) ?? shown;
    changed.fire();
  };
  const run = new GraphRun({
    file: document.uri,
    flow: drawing.name,
    isVisible: () => panel.visible,
    onChange: () => changed.fire(),
    onError,
  });
  const panel = openGraphPanel({
    viewType: "trainyard.flowGraph",
    title: drawing.name,
    subject,
    icon: "type-hierarchy",
    column: vscode.ViewColumn.Beside,
    extensionFolder,
    picture: () => pictureOf(shown, run.run),
    choose: () => run.choose(),
    onDidChange: changed.event,
    async open(name) {
      const place = shown.places.get(name);
      if (place) {
        await showStep(place);
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

function pictureOf({ picture }: FlowDrawing, run: FlowRun | undefined): ReturnType<GraphPanel["picture"]> {
  return run
    ? {
        picture: withStatus(picture, statusOf(run)),
        caption: "",
        choice: `Run ${run.id}: ${STATE_SIGNS[run.state]} ${STATE_WORDS[run.state]} · Choose…`,
      }
    : { picture, caption: "" };
}

async function readDrawing(
  reports: FlowReports,
  document: vscode.TextDocument,
  name: string | undefined,
): Promise<FlowDrawing | undefined> {
  const drawings = await reports.drawFlows(document);
  return name === undefined ? drawings[0] : drawings.find((each) => each.name === name);
}
