import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { checkpointMarks } from "../../core/dashboard/checkpointMark.ts";
import type { CurvesFrame, MarkedFrame } from "../../core/dashboard/curveMessages.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { MetricsClient } from "../../node/metrics/metricsClient.ts";
import type { MetricsQuery } from "../../node/metrics/metricsEngine.ts";
import { runFiles } from "../../node/training/runFolder.ts";
import { fileExists } from "../base/fileExists.ts";
import { CurvesPage } from "./curvesPage.ts";
import { runSourceOf } from "./runSources.ts";
import { contentsOfRun, type RunsViewSource } from "./runsView.ts";

export type CurvesDeps = {
  extensionFolder: string;
  source: RunsViewSource;
  workspaceFolders: () => string[];
  refreshRuns: () => Promise<void>;
  onError: (error: unknown) => void;
};

/** The curves of a window: one reader in a thread of its own, and at most one panel. */
export class Curves implements vscode.Disposable {
  readonly #deps: CurvesDeps;
  readonly #client = new MetricsClient();
  #panel: vscode.WebviewPanel | undefined;

  constructor(deps: CurvesDeps) {
    this.#deps = deps;
  }

  /** First, last and best values of every run that logged any. */
  async readSummaries(): Promise<CurvesFrame> {
    await this.#deps.refreshRuns();
    return this.#client.ask(await this.#query());
  }

  async show(): Promise<void> {
    if (this.#panel) {
      this.#panel.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      "trainyard.curves",
      "Curves",
      { viewColumn: vscode.ViewColumn.Active },
      { enableScripts: true, retainContextWhenHidden: false },
    );
    await this.adopt(panel);
  }

  /** Fills a panel: a new one, or one that VS Code brought back after a reload. */
  async adopt(panel: vscode.WebviewPanel): Promise<void> {
    this.#panel = panel;
    const folders = ["media", "dist"].map((name) =>
      vscode.Uri.joinPath(vscode.Uri.file(this.#deps.extensionFolder), name),
    );
    panel.webview.options = { enableScripts: true, localResourceRoots: folders };
    const page = new CurvesPage(panel, {
      read: (view, knownVersion) => this.#read({ view, knownVersion }),
      isLive: () => this.#deps.source.runs().some(({ state }) => !hasEnded(state)),
      onError: this.#deps.onError,
    });
    panel.onDidDispose(() => {
      page.dispose();
      this.#panel = undefined;
    });
    panel.webview.html = pageHtml(panel.webview, this.#deps.extensionFolder);
    await this.#deps.refreshRuns();
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#client[Symbol.dispose]();
  }

  async #read(wanted: Pick<MetricsQuery, "view" | "knownVersion">): Promise<MarkedFrame> {
    const frame = await this.#client.ask({ ...(await this.#query()), ...wanted });
    const byId = new Map(this.#deps.source.runs().map((run) => [run.record.id, run]));
    const marks = frame.runs.flatMap(({ key, source }) => {
      const run = source && byId.get(source.id);
      return run ? checkpointMarks(key, contentsOfRun(run, this.#deps.source).entries) : [];
    });
    return { ...frame, marks };
  }

  async #query(): Promise<MetricsQuery> {
    const printed = await Promise.all(this.#deps.source.runs().map(hasLog));
    const runs = this.#deps.source.runs().filter((_, index) => printed[index]);
    return { roots: this.#deps.workspaceFolders(), runs: runs.map(runSourceOf) };
  }
}

/** A run that was never started has printed nothing. */
function hasLog({ folder }: Run): Promise<boolean> {
  return fileExists(runFiles(folder).log);
}

/** The page may load its own files and uPlot; what it shows comes as messages. */
function pageHtml(webview: vscode.Webview, extensionFolder: string): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (...path: string[]) =>
    webview.asWebviewUri(vscode.Uri.joinPath(vscode.Uri.file(extensionFolder), ...path)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}' ${webview.cspSource}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Curves</title>
<link rel="stylesheet" href="${file("dist", "uPlot.min.css")}">
<link rel="stylesheet" href="${file("media", "curves.css")}">
</head>
<body>
<header id="toolbar" role="toolbar" aria-label="Curves"></header>
<p id="status" role="status"></p>
<main>
<section id="runs" aria-label="Runs"></section>
<section id="charts" aria-label="Curves"></section>
<details id="values"><summary>Values as a table</summary><div></div></details>
</main>
<script nonce="${nonce}" src="${file("dist", "uPlot.iife.min.js")}"></script>
<script type="module" nonce="${nonce}" src="${file("media", "curves.js")}"></script>
</body>
</html>`;
}
