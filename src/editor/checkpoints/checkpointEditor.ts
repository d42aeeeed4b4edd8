import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import type { PageMessage, PageRequest } from "../../core/checkpoints/checkpointPage.ts";
import type { CheckpointDetails } from "../../core/checkpoints/readCheckpointFile.ts";
import { reportError } from "../base/reportError.ts";

const VIEW_TYPE = "trainyard.checkpoint";

/** Opens checkpoint files as a page of facts and tensors. It reads and never writes, and runs nothing of the file. */
export function registerCheckpointEditor(extensionFolder: string): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(
    VIEW_TYPE,
    {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      resolveCustomEditor: ({ uri }, panel) => showCheckpoint(uri, panel, extensionFolder),
    } satisfies vscode.CustomReadonlyEditorProvider,
    // A page of 100,000 tensors is cheaper to keep than to send again with every change of the tab.
    { webviewOptions: { retainContextWhenHidden: true } },
  );
}

function showCheckpoint(uri: vscode.Uri, panel: vscode.WebviewPanel, extensionFolder: string): void {
  const media = vscode.Uri.joinPath(vscode.Uri.file(extensionFolder), "media");
  panel.webview.options = { enableScripts: true, localResourceRoots: [media] };
  const page = new CheckpointPanel(uri, panel.webview);
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(dirname(uri.fsPath)), basename(uri.fsPath)),
  );
  const subscriptions = [
    panel.webview.onDidReceiveMessage((request: PageRequest) => page.answer(request)),
    watcher,
    watcher.onDidChange(() => page.answer({ kind: "ready" })),
    watcher.onDidCreate(() => page.answer({ kind: "ready" })),
    watcher.onDidDelete(() => page.answer({ kind: "ready" })),
  ];
  panel.onDidDispose(() => subscriptions.forEach((subscription) => subscription.dispose()));
  panel.webview.html = pageHtml(panel.webview, media);
}

class CheckpointPanel {
  readonly #uri: vscode.Uri;
  readonly #webview: vscode.Webview;
  #details: CheckpointDetails | undefined;

  constructor(uri: vscode.Uri, webview: vscode.Webview) {
    this.#uri = uri;
    this.#webview = webview;
  }

  /** The boundary of the page's messages: what fails is told in the page. */
  async answer(request: PageRequest): Promise<void> {
    try {
      await this.#answer(request);
    } catch (error) {
      const report = reportError(error, `Reading ${basename(this.#uri.fsPath)}`);
      if (report.kind !== "cancelled") {
        await this.#send({ kind: "unreadable", text: report.message });
      }
    }
  }

  async #answer(request: PageRequest): Promise<void> {
    switch (request.kind) {
      case "copy":
        await vscode.env.clipboard.writeText(request.text);
        return;
      case "query": {
        const { tableRows } = await import("../../core/checkpoints/tensorTable.ts");
        const rows = tableRows(this.#details?.tensors ?? [], request.query);
        await this.#send({ kind: "rows", rows });
        return;
      }
      case "ready": {
        const { readCheckpointWithTensors } = await import("../../node/checkpoints/readCheckpoint.ts");
        const { checkpointPage } = await import("../../core/checkpoints/checkpointPage.ts");
        this.#details = await readCheckpointWithTensors(this.#uri.fsPath);
        await this.#send({ kind: "file", page: checkpointPage(this.#details) });
      }
    }
  }

  async #send(message: PageMessage): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
    await this.#webview.postMessage(message);
  }
}

/** The page may load its own two files and nothing else; what it shows comes as messages and is set as text. */
function pageHtml(webview: vscode.Webview, media: vscode.Uri): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Checkpoint</title>
<link rel="stylesheet" href="${file("checkpoint.css")}">
</head>
<body>
<header>
<h1 id="name"></h1>
<p id="state" role="status"></p>
<div id="warning" role="alert" hidden></div>
<dl id="facts"></dl>
</header>
<main id="tensors" hidden>
<div id="tools">
<input id="search" type="search" placeholder="Search name, dtype or shape" aria-label="Search tensors by name, dtype or shape" spellcheck="false">
<label><input id="tree" type="checkbox"> Tree by module</label>
<button id="copyName" type="button" disabled>Copy Name</button>
<button id="copyShape" type="button" disabled>Copy Shape</button>
<span id="count" role="status"></span>
</div>
<div id="grid" role="treegrid" tabindex="0" aria-label="Tensors" aria-colcount="4">
<div id="head" role="row" aria-rowindex="1"></div>
<div id="rows" role="rowgroup"></div>
</div>
</main>
<script type="module" nonce="${nonce}" src="${file("checkpoint.js")}"></script>
</body>
</html>`;
}
