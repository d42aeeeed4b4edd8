import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The page may load its own files and nothing else; what it shows comes as messages. */
export function curvesPage(webview: vscode.Webview, media: vscode.Uri, dist: vscode.Uri): string {
  const nonce = randomBytes(18).toString("base64");
  const file = (folder: vscode.Uri, name: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Curves</title>
<link rel="stylesheet" href="${file(dist, "uPlot.css")}">
<link rel="stylesheet" href="${file(media, "curves.css")}">
</head>
<body>
<header>
<button id="choose">Choose Runs…</button>
<label>Axis <select id="axis"><option value="step">Step</option><option value="relative">Time since the start</option><option value="wall">Clock</option></select></label>
<label>Smoothing <input id="smoothing" type="range" min="0" max="0.98" step="0.02" value="0"></label>
<label><input id="log" type="checkbox"> Logarithmic</label>
<label><input id="table" type="checkbox"> As table</label>
<input id="filter" type="search" placeholder="Filter metrics" aria-label="Filter metrics">
<button id="csv" class="quiet">Export CSV…</button>
</header>
<section id="runs" aria-label="Runs"></section>
<main id="charts" aria-live="off"></main>
<script nonce="${nonce}" src="${file(dist, "uPlot.js")}"></script>
<script type="module" nonce="${nonce}" src="${file(media, "curves.js")}"></script>
</body>
</html>`;
}
