import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { pictureOf } from "../../core/metaflow/draw/graphPicture.ts";
import { layoutPicture, MAX_DRAWN_STEPS } from "../../core/metaflow/draw/layoutPicture.ts";
import type { PanelMessage, PanelRequest } from "../../core/metaflow/draw/panelMessage.ts";
import { renderSvg } from "../../core/metaflow/draw/renderSvg.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import { type FlowRun, STATE_SIGNS, STATE_WORDS } from "../../core/metaflow/runs/flowRun.ts";
import type { FlowReports } from "./flowReports.ts";
import { showStep } from "./flowSteps.ts";
import { GraphRun, statusOf } from "./graphRun.ts";

type PanelDeps = { reports: FlowReports; extensionFolder: string; onError: (error: unknown) => void };

/** Draws the flow of a document beside it, follows edits, and goes to a step that is clicked. */
export async function showFlowGraph(
  document: vscode.TextDocument,
  flowName: string | undefined,
  deps: PanelDeps,
): Promise<void> {
  const graph = await readGraph(deps.reports, document, flowName);
  if (!graph) {
    throw new UserError(`${vscode.workspace.asRelativePath(document.uri)} has no flow that could be drawn.`);
  }
  const media = vscode.Uri.joinPath(vscode.Uri.file(deps.extensionFolder), "media");
  const panel = vscode.window.createWebviewPanel(
    "trainyard.flowGraph",
    graph.flow.name,
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    { enableScripts: true, localResourceRoots: [media] },
  );
  let shown = graph;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
  const draw = () => panel.webview.postMessage(drawing(shown, run.run));
  const run = new GraphRun({
    file: document.uri,
    flow: graph.flow.name,
    isVisible: () => panel.visible,
    onChange: () => void draw(),
    onError: deps.onError,
  });
  const follow = async () => {
    // While a line is being typed there may be no flow; the last drawing stays.
    shown = (await readGraph(deps.reports, document, graph.flow.name)) ?? shown;
    await draw();
  };
  const subscriptions: vscode.Disposable[] = [
    run,
    panel.webview.onDidReceiveMessage((message: PanelRequest) => {
      answer(message, { shown, run, draw }).catch(deps.onError);
    }),
    deps.reports.onDidSettle((settled) => {
      if (settled === document) {
        follow().catch(deps.onError);
      }
    }),
  ];
  panel.onDidDispose(() => subscriptions.forEach((subscription) => subscription.dispose()));
  panel.webview.html = panelHtml(panel.webview, media, graph.flow.name);
}

type Shown = { shown: FlowGraph; run: GraphRun; draw: () => Thenable<boolean> };

async function answer(message: PanelRequest, { shown, run, draw }: Shown): Promise<void> {
  if (message.kind !== "open") {
    await (message.kind === "ready" ? draw() : run.choose());
    return;
  }
  const node = shown.nodes.get(message.step);
  if (node) {
    await showStep(node);
  }
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

function drawing(graph: FlowGraph, run: FlowRun | undefined): PanelMessage {
  const steps = graph.nodes.size;
  if (steps > MAX_DRAWN_STEPS) {
    const text = `${graph.flow.name} has ${steps} steps. A drawing shows at most ${MAX_DRAWN_STEPS}.`;
    return { kind: "too-large", text };
  }
  const status = run && statusOf(run);
  const words = run ? `Run ${run.id}: ${STATE_SIGNS[run.state]} ${STATE_WORDS[run.state]}` : "";
  return { kind: "draw", svg: renderSvg(layoutPicture(pictureOf(graph, status))), run: words };
}

/** The page may load its own two files and nothing else; what it shows comes as messages. */
function panelHtml(webview: vscode.Webview, media: vscode.Uri, title: string): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.replaceAll(/[<>&"]/g, "")}</title>
<link rel="stylesheet" href="${file("flowGraph.css")}">
</head>
<body>
<header id="run" hidden><span id="run-text" role="status"></span> <button id="choose-run">Choose Run…</button></header>
<main id="graph"></main>
<script type="module" nonce="${nonce}" src="${file("flowGraph.js")}"></script>
</body>
</html>`;
}
