import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { layoutPicture, MAX_BOXES } from "../../core/base/drawing/layoutPicture.ts";
import type { PanelMessage, PanelRequest } from "../../core/base/drawing/panelMessage.ts";
import type { Picture } from "../../core/base/drawing/picture.ts";
import { renderSvg } from "../../core/base/drawing/renderSvg.ts";
import { renderWebviewHead } from "../../core/base/webviewPage.ts";

export type GraphPanel = {
  /** `trainyard.flowGraph`: VS Code tells panels apart by it. */
  viewType: string;
  title: string;
  /** What is drawn, as no other panel of the window draws it. */
  subject: string;
  /** Of the tab. */
  icon: string;
  column: vscode.ViewColumn;
  extensionFolder: string;
  /** What is shown right now. */
  picture(): { picture: Picture; caption: string; choice?: string };
  /** Fires when the picture is another one. */
  onDidChange: vscode.Event<unknown>;
  /** Goes to what a box stands for. */
  open(name: string): Promise<void>;
  /** What the button does that a picture with a `choice` shows. */
  choose?(): Promise<void>;
  onError: (error: unknown) => void;
};

/** The panels that are open, each by its subject. */
const open = new Map<string, vscode.WebviewPanel>();

/** Brings the panel of a subject to the front. False: none is open. */
export function revealGraphPanel(subject: string): boolean {
  const panel = open.get(subject);
  panel?.reveal(undefined, true);
  return panel !== undefined;
}

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
      answer(message, source, draw)?.then(undefined, onError);
    }),
    source.onDidChange(() => draw().then(undefined, onError)),
  ];
  panel.onDidDispose(() => {
    open.delete(source.subject);
    subscriptions.forEach((subscription) => subscription.dispose());
  });
  open.set(source.subject, panel);
  panel.iconPath = new vscode.ThemeIcon(source.icon);
  panel.webview.html = panelHtml(panel.webview, media, source.title);
  return panel;
}

function answer(
  message: PanelRequest,
  source: GraphPanel,
  draw: () => Thenable<boolean>,
): Thenable<unknown> | undefined {
  switch (message.kind) {
    case "ready":
      return draw();
    case "open":
      return source.open(message.name);
    case "choose":
      return source.choose?.();
  }
  return undefined;
}

function drawing(source: GraphPanel): PanelMessage {
  const { picture, caption, choice } = source.picture();
  const { title, boxes } = picture;
  return boxes.length > MAX_BOXES
    ? {
        kind: "too-large",
        text: `${title}: a drawing shows at most ${MAX_BOXES} boxes, and this one has ${boxes.length}.`,
      }
    : { kind: "draw", svg: renderSvg(layoutPicture(picture)), caption, ...(choice === undefined ? {} : { choice }) };
}

/** The page may load its own two files and nothing else; what it shows comes as messages. */
function panelHtml(webview: vscode.Webview, media: vscode.Uri, title: string): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const head = renderWebviewHead({ cspSource: webview.cspSource, nonce, title, styles: [file("graph.css")] });
  return `${head}
<body>
<button id="choice" hidden></button>
<main id="graph"></main>
<p id="detail" aria-hidden="true"></p>
<p id="caption" role="status"></p>
<script type="module" nonce="${nonce}" src="${file("graph.js")}"></script>
</body>
</html>`;
}
