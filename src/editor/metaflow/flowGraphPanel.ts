import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { pictureOf } from "../../core/metaflow/draw/graphPicture.ts";
import { layoutPicture, MAX_DRAWN_STEPS } from "../../core/metaflow/draw/layoutPicture.ts";
import type { PanelMessage, PanelRequest } from "../../core/metaflow/draw/panelMessage.ts";
import { renderSvg } from "../../core/metaflow/draw/renderSvg.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import type { FlowReports } from "./flowReports.ts";
import { showStep } from "./flowSteps.ts";

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
  const draw = () => panel.webview.postMessage(drawing(shown));
  const follow = async () => {
    // While a line is being typed there may be no flow; the last drawing stays.
    shown = (await readGraph(deps.reports, document, graph.flow.name)) ?? shown;
    await draw();
  };
  const subscriptions = [
    panel.webview.onDidReceiveMessage((message: PanelRequest) => {
      answer(message, shown, draw).catch(deps.onError);
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

async function answer(message: PanelRequest, shown: FlowGraph, draw: () => Thenable<boolean>): Promise<void> {
  if (message.kind === "ready") {
    await draw();
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

function drawing(graph: FlowGraph): PanelMessage {
  const steps = graph.nodes.size;
  return steps > MAX_DRAWN_STEPS
    ? { kind: "too-large", text: `${graph.flow.name} has ${steps} steps. A drawing shows at most ${MAX_DRAWN_STEPS}.` }
    : { kind: "draw", svg: renderSvg(layoutPicture(pictureOf(graph))) };
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
<main id="graph" aria-live="polite"></main>
<script type="module" nonce="${nonce}" src="${file("flowGraph.js")}"></script>
</body>
</html>`;
}
