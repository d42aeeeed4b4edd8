import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { layoutPicture, MAX_BOXES } from "../../core/base/drawing/layoutPicture.ts";
import type { PanelMessage, PanelRequest } from "../../core/base/drawing/panelMessage.ts";
import type { Picture } from "../../core/base/drawing/picture.ts";
import { renderSvg } from "../../core/base/drawing/renderSvg.ts";

export type GraphPanel = {
  /** `trainyard.flowGraph`: VS Code tells panels apart by it. */
  viewType: string;
  title: string;
  column: vscode.ViewColumn;
  extensionFolder: string;
  /** What is shown right now. */
  picture(): { picture: Picture; caption: string };
  /** Fires when the picture is another one. */
  onDidChange: vscode.Event<unknown>;
  /** Goes to what a box stands for. */
  open(name: string): Promise<void>;
  onError: (error: unknown) => void;
};

/** Draws a graph, follows its changes, and opens what is clicked. */
export function openGraphPanel(source: GraphPanel): vscode.WebviewPanel {
  const { onError } = source;
  const media = vscode.Uri.joinPath(vscode.Uri.file(source.extensionFolder), "media");
  const panel = vscode.window.createWebviewPanel(
    source.viewType,
    source.title,
    { viewColumn: source.column, preserveFocus: true },
    { enableScripts: true, localResourceRoots: [media] },
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
  const draw = () => panel.webview.postMessage(drawing(source));
  const subscriptions = [
    panel.webview.onDidReceiveMessage((message: PanelRequest) => {
      const answered = message.kind === "ready" ? draw() : source.open(message.name);
      answered.then(undefined, onError);
    }),
    source.onDidChange(() => draw().then(undefined, onError)),
  ];
  panel.onDidDispose(() => subscriptions.forEach((subscription) => subscription.dispose()));
  panel.webview.html = panelHtml(panel.webview, media, source.title);
  return panel;
}

function drawing(source: GraphPanel): PanelMessage {
  const { picture, caption } = source.picture();
  const { title, boxes } = picture;
  return boxes.length > MAX_BOXES
    ? {
        kind: "too-large",
        text: `${title}: a drawing shows at most ${MAX_BOXES} boxes, and this one has ${boxes.length}.`,
      }
    : { kind: "draw", svg: renderSvg(layoutPicture(picture)), caption };
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
<link rel="stylesheet" href="${file("graph.css")}">
</head>
<body>
<main id="graph" aria-live="polite"></main>
<p id="caption"></p>
<script type="module" nonce="${nonce}" src="${file("graph.js")}"></script>
</body>
</html>`;
}
