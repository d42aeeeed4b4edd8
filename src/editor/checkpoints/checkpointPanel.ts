import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { escapeXml } from "../../core/base/escapeXml.ts";
import { renderWebviewHead } from "../../core/base/webviewPage.ts";
import type { PageMessage, PageRequest } from "../../core/checkpoints/checkpointPage.ts";
import { TORN_AFTER_MS } from "../../core/checkpoints/checkpointSummary.ts";
import type { CheckpointClient } from "../../node/checkpoints/checkpointClient.ts";
import { reportError } from "../base/reportError.ts";

/** A writer makes several changes in a row; the last of them counts. */
const SETTLE_MS = 300;

/** Fills the panel with the page of a checkpoint, and reads it again when the file changes. */
export function showCheckpoint(uri: vscode.Uri, panel: vscode.WebviewPanel, extensionFolder: string): void {
  const media = vscode.Uri.joinPath(vscode.Uri.file(extensionFolder), "media");
  panel.webview.options = { enableScripts: true, localResourceRoots: [media] };
  const page = new CheckpointPanel(uri, panel.webview);
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(dirname(uri.fsPath)), basename(uri.fsPath)),
  );
  const subscriptions = [
    panel.webview.onDidReceiveMessage((request: PageRequest) => page.answer(request)),
    watcher,
    watcher.onDidChange(() => page.readSoon(SETTLE_MS)),
    watcher.onDidCreate(() => page.readSoon(SETTLE_MS)),
    watcher.onDidDelete(() => page.readSoon(SETTLE_MS)),
    page,
  ];
  panel.onDidDispose(() => subscriptions.forEach((subscription) => subscription.dispose()));
  panel.webview.html = pageHtml(panel.webview, media, basename(uri.fsPath));
}

let lastPage = 0;

class CheckpointPanel implements vscode.Disposable {
  readonly #page = ++lastPage;
  readonly #uri: vscode.Uri;
  readonly #webview: vscode.Webview;
  /** Of the file as the page shows it; each re-read has a higher one. */
  #version = 0;
  #reading = false;
  #wantsRead = false;
  #isDisposed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(uri: vscode.Uri, webview: vscode.Webview) {
    this.#uri = uri;
    this.#webview = webview;
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    void this.#answerSafely(async () => (await loadClient()).close(this.#page));
  }

  /** Reads the file again after a pause; a file that goes on changing is not read with each of its changes. */
  readSoon(pauseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.answer({ kind: "ready" }), pauseMs);
  }

  /** What fails is told in the page. */
  async answer(request: PageRequest): Promise<void> {
    await this.#answerSafely(() => this.#answer(request));
  }

  /** The boundary of the page's messages. */
  async #answerSafely(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
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
      case "compare":
        await vscode.commands.executeCommand("trainyard.compareCheckpoints", this.#uri);
        return;
      case "resume":
        await vscode.commands.executeCommand("trainyard.resumeTraining", this.#uri);
        return;
      case "query": {
        const { number, version, query } = request;
        // A question about the tensors of before the last read has no answer, and the page asks again.
        if (version === this.#version) {
          const rows = await (await loadClient()).rows(this.#page, query);
          await this.#send({ kind: "rows", number, version, rows });
        }
        return;
      }
      case "ready":
        await this.#readInOrder();
    }
  }

  /** One read at a time; what comes meanwhile is one more read after it. */
  async #readInOrder(): Promise<void> {
    this.#wantsRead = true;
    if (this.#reading) {
      return;
    }
    this.#reading = true;
    try {
      while (this.#wantsRead && !this.#isDisposed) {
        this.#wantsRead = false;
        await this.#read();
      }
    } finally {
      this.#reading = false;
    }
  }

  async #read(): Promise<void> {
    const client = await loadClient();
    const { page, tensors } = await client.open(this.#page, this.#uri.fsPath);
    this.#version += 1;
    await this.#send({ kind: "file", version: this.#version, page, tensors });
    if (page.state === "writing") {
      // Nothing announces that a writer has given up.
      this.readSoon(TORN_AFTER_MS + SETTLE_MS);
    }
  }

  async #send(message: PageMessage): Promise<void> {
    if (!this.#isDisposed) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
      await this.#webview.postMessage(message);
    }
  }
}

async function loadClient(): Promise<CheckpointClient> {
  return (await import("../../node/checkpoints/checkpointClient.ts")).checkpointClient();
}

/** The page may load its own two files and nothing else; what a file holds comes as messages and is set as text. */
function pageHtml(webview: vscode.Webview, media: vscode.Uri, fileName: string): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const { cspSource } = webview;
  const head = renderWebviewHead({ cspSource, nonce, title: "Checkpoint", styles: [file("checkpoint.css")] });
  return `${head}
<body>
<header>
<h1 id="name">${escapeXml(fileName)}</h1>
<p id="state" role="status">Reading…</p>
<div id="warning" role="alert" hidden></div>
<div id="actions" hidden>
<button id="resume" type="button" hidden>Resume from This…</button>
<button id="compare" type="button">Compare with…</button>
</div>
<dl id="facts"></dl>
</header>
<main id="tensors" hidden>
<div id="tools">
<input id="search" type="search" placeholder="Search name, dtype or shape" aria-label="Search tensors by name, dtype or shape" spellcheck="false">
<label><input id="tree" type="checkbox"> Tree by module</label>
<button id="copyName" type="button" disabled>Copy Name</button>
<button id="copyShape" type="button" disabled>Copy Shape</button>
</div>
<div id="report">
<span id="count" role="status"></span>
<span id="said" role="status"></span>
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
