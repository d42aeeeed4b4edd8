// Serves the page of curves to a plain browser: the same files and the same policy as in the editor, whose place this takes.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderCurvesPage } from "../src/core/dashboard/curvesHtml.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html" };
const UPLOT = { "uPlot.js": "uPlot.iife.min.js", "uPlot.css": "uPlot.min.css" };

/** What VS Code gives a page of its own accord. `window.sent` holds what the page said. */
const EDITOR_STUB = `
window.sent = [];
window.kept = undefined;
window.acquireVsCodeApi = () => ({
  getState: () => window.kept,
  setState: (state) => { window.kept = state; },
  postMessage: (message) => { window.sent.push(message); window.onSent?.(message); },
});`;

/** `colors`: the variables of a theme; `pages`: further pages by their paths. */
export async function servePanel({ colors = {}, pages = {} } = {}) {
  const style = `:root{${Object.entries(colors)
    .map(([name, value]) => `--vscode-${name}:${value};`)
    .join("")}}`;
  const html = renderCurvesPage({
    cspSource: "'self'",
    nonce: "bench",
    media: (name) => `/media/${name}`,
    dist: (name) => `/dist/${name}`,
  }).replace(
    "</head>",
    `<link rel="stylesheet" href="/theme.css"><script nonce="bench">${EDITOR_STUB}</script></head>`,
  );
  const texts = { "/": [".html", html], "/theme.css": [".css", style], ...pages };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const [type, body] = texts[path] ?? [extname(path), await readFile(fileOf(path)).catch(() => undefined)];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": TYPES[type] ?? "application/octet-stream" });
    response.end(body ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function fileOf(path) {
  const name = path.split("/").at(-1) ?? "";
  return path.startsWith("/dist/")
    ? join(root, "node_modules/uplot/dist", UPLOT[name] ?? name)
    : join(root, "media", name);
}
