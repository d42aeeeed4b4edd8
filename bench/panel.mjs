/*
 * Twenty curves of a million values in one chart, to which values are added ten times a second, in Chromium: the panel, Chart.js and ECharts
 * one after the other, each in a renderer of its own. Chart.js and ECharts are installed into a temporary folder.
 *
 *     node bench/panel.mjs [values of a curve] [curves] [updates] [--alone]
 *
 * With "--alone" only the panel is measured.
 *
 * A frame is what the page's thread does at once: taking the message, computing, painting. The panel uses two for an update: lines, then
 * texts. What it does in its worker thread, as the extension does, is not in a frame, but its memory is in the memory of the renderer.
 * "p50" and "p95" hold as well what the thread waits for others on the machine. "own p95" is what it computes itself, of as many updates
 * once more under Chromium's trace, which costs each frame about a millisecond.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";
import { MARKS, traceFrames } from "./frameTrace.mjs";
import { servePanel } from "./panelPage.mjs";

const isAlone = process.argv.includes("--alone");
const [points = 1_000_000, curves = 20, updates = 100] = process.argv.slice(2).filter((each) => each !== "--alone");
const POINTS = Number(points);
const CURVES = Number(curves);
const UPDATES = Number(updates);
const ADDED = 10;
const INTERVAL_MS = 100;
/** A peer that takes seconds for an update is not waited for a hundred times. */
const MAX_PEER_MS = 60_000;
const PEERS = ["chart.js@4.6.1", "echarts@6.1.0"];
const SIZE = { width: 1_200, height: 700 };

const root = fileURLToPath(new URL("..", import.meta.url));

/** The same values for everyone. */
const VALUES = `
const POINTS = ${POINTS}, CURVES = ${CURVES}, ADDED = ${ADDED}, UPDATES = ${UPDATES}, INTERVAL_MS = ${INTERVAL_MS};
let state = 7;
const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
const valueAt = (curve, step) => 2 / (1 + step / (POINTS / 20)) + curve * 0.05 + (random() - 0.5) * 0.2;`;

/** Measures each frame from its beginning until it was painted, with the message that led to it. */
const METER = `
window.frameMs = []; let frameStart; let messageMs = 0;
const painted = new MessageChannel();
painted.port1.onmessage = () => { window.frameMs.push(performance.now() - frameStart + messageMs); frameStart = undefined; messageMs = 0; };
const request = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => request((now) => {
  if (frameStart === undefined) {
    frameStart = performance.now();
    painted.port2.postMessage(0);
    performance.mark("${MARKS.frame}");
  }
  callback(now);
});
const listen = window.addEventListener.bind(window);
window.addEventListener = (type, handle, options) => listen(type, type !== "message" ? handle : (event) => {
  const started = performance.now();
  performance.mark("${MARKS.message}");
  handle(event);
  messageMs += performance.now() - started;
}, options);`;

/** Stands for the editor: the panel is a frame of it, and gets as messages what a thread sends. */
const EDITOR = `
window.engineMs = [];
const worker = new Worker("/engine.js");
const panel = document.querySelector("iframe").contentWindow;
window.panel = panel;
onmessage = ({ data }) => worker.postMessage(data);
worker.onmessage = ({ data }) => {
  if (data.kind === "end") { window.isDone = true; return; }
  window.engineMs.push(data.engineMs);
  panel.postMessage(data, "*");
};
window.begin = () => { window.isDone = false; panel.frameMs.length = 0; window.engineMs.length = 0; worker.postMessage({ kind: "start" }); };`;

/** Adds values as often as the panel gets them, each time in one frame. */
const PEER_LOOP = `
window.begin = () => {
  window.isDone = false; window.frameMs.length = 0;
  let left = UPDATES; const since = performance.now();
  const tick = () => requestAnimationFrame(() => {
    update();
    left -= 1;
    if (left === 0 || performance.now() - since > ${MAX_PEER_MS}) { setTimeout(() => { window.isDone = true; }, 100); }
    else { setTimeout(tick, INTERVAL_MS); }
  });
  tick();
};`;

const CHART_JS = `
${VALUES}
const datasets = Array.from({ length: CURVES }, (_, at) => ({ label: "train " + at, borderWidth: 1.5, pointRadius: 0,
  data: Array.from({ length: POINTS }, (_, step) => ({ x: step, y: valueAt(at, step) })) }));
const chart = new Chart(document.querySelector("canvas"), { type: "line", data: { datasets },
  options: { animation: false, parsing: false, normalized: true, responsive: false,
    scales: { x: { type: "linear" } }, plugins: { decimation: { enabled: true, algorithm: "min-max" } } } });
const update = () => {
  for (const [at, { data }] of datasets.entries()) {
    for (let n = 0; n < ADDED; n++) { data.push({ x: data.length, y: valueAt(at, data.length) }); }
  }
  chart.update("none");
};
${PEER_LOOP}`;

const ECHARTS = `
${VALUES}
const columns = Array.from({ length: CURVES }, (_, at) => {
  const flat = new Float64Array((POINTS + 2 * ADDED * UPDATES) * 2);
  for (let step = 0; step < POINTS; step++) { flat[step * 2] = step; flat[step * 2 + 1] = valueAt(at, step); }
  return flat;
});
let count = POINTS;
const chart = echarts.init(document.querySelector("div"), null, { renderer: "canvas" });
const seriesNow = () => columns.map((flat, at) => ({ type: "line", name: "train " + at, dimensions: ["x", "y"], showSymbol: false,
  sampling: "minmax", lineStyle: { width: 1.5 }, data: flat.subarray(0, count * 2) }));
chart.setOption({ animation: false, xAxis: { type: "value", max: "dataMax" }, yAxis: { type: "value", scale: true }, series: seriesNow() });
const update = () => {
  for (const [at, flat] of columns.entries()) {
    for (let n = 0; n < ADDED; n++) { flat[(count + n) * 2] = count + n; flat[(count + n) * 2 + 1] = valueAt(at, count + n); }
  }
  count += ADDED;
  chart.setOption({ series: seriesNow() }, { lazyUpdate: false });
};
${PEER_LOOP}`;

const page = (body, scripts) =>
  `<!DOCTYPE html><body style="margin:0">${body}<script>${METER}</script>${scripts.map((src) => `<script src="${src}"></script>`).join("")}</body>`;

async function bundleEngine() {
  const { outputFiles } = await esbuild.build({
    entryPoints: ["bench/panelEngine.mjs"],
    banner: { js: VALUES },
    bundle: true,
    write: false,
    format: "iife",
    absWorkingDir: root,
  });
  return outputFiles[0].text;
}

async function measure(url, init = []) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage({ viewport: SIZE });
    for (const content of init) {
      await tab.addInitScript({ content });
    }
    tab.on("pageerror", (error) => console.error(error.message));
    tab.setDefaultTimeout(120_000);
    await tab.goto(url, { waitUntil: "load" });
    await tab.waitForFunction(() => {
      const { document: shown } = window.panel ?? window;
      return window.begin !== undefined && shown.querySelector("canvas")?.width > 0;
    });
    await tab.waitForTimeout(2_000);
    const session = await tab.context().newCDPSession(tab);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const before = await taskSeconds(session);
    const { frames, engine } = await playUpdates(tab);
    const cpuMs = ((await taskSeconds(session)) - before) * 1000;
    const endTrace = await traceFrames(browser);
    await playUpdates(tab);
    const ownFrames = await endTrace();
    await session.send("HeapProfiler.collectGarbage");
    const heap = await session.send("Runtime.getHeapUsage");
    return {
      frames,
      ownFrames,
      engine,
      heapBytes: heap.usedSize + (heap.backingStorageSize ?? 0),
      rssBytes: await rendererBytes(browser),
      cpuMs,
    };
  } finally {
    await browser.close();
  }
}

/** All updates once: the milliseconds of each frame, and of each message's making. */
async function playUpdates(tab) {
  await tab.evaluate(() => window.begin());
  await tab.waitForFunction(() => window.isDone === true, undefined, { polling: 500 });
  await tab.waitForTimeout(500);
  return tab.evaluate(() => ({ frames: (window.panel ?? window).frameMs, engine: window.engineMs ?? [] }));
}

/** What the page's thread has computed, in its own time: others on the machine do not count. */
async function taskSeconds(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value;
}

/** The resident memory of the largest renderer, which is the page's. */
async function rendererBytes(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) * 1024);
  return Math.max(...sizes);
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const ms = (value) => `${value.toFixed(1)} ms`.padStart(11);
const mb = (value) => `${(value / 1e6).toFixed(0)} MB`.padStart(9);

function report(name, { frames, ownFrames, engine, heapBytes, rssBytes, cpuMs }) {
  const thread =
    engine.length === 0
      ? ""
      : `  (thread p50 ${quantile(engine, 0.5).toFixed(1)} ms, p95 ${quantile(engine, 0.95).toFixed(1)} ms)`;
  console.log(
    `${name.padEnd(10)}${String(frames.length).padStart(7)}${ms(quantile(frames, 0.5))}${ms(quantile(frames, 0.95))}${ms(quantile(ownFrames, 0.95))}${ms(cpuMs / Math.max(1, frames.length))}${mb(heapBytes)}${mb(rssBytes)}${thread}`,
  );
}

const scratch = mkdtempSync(join(tmpdir(), "panel-bench-"));
try {
  if (!isAlone) {
    execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", scratch, ...PEERS], {
      stdio: "inherit",
    });
  }
  const library = (path) => [".js", isAlone ? "" : readFileSync(join(scratch, "node_modules", path), "utf8")];
  const server = await servePanel({
    pages: {
      "/engine.js": [".js", await bundleEngine()],
      "/chart.js": library("chart.js/dist/chart.umd.js"),
      "/echarts.js": library("echarts/dist/echarts.min.js"),
      "/editor.js": [".js", EDITOR],
      "/editorPage": [
        ".html",
        `<!DOCTYPE html><body style="margin:0"><iframe src="/" style="border:0;width:100vw;height:100vh"></iframe><script src="/editor.js"></script></body>`,
      ],
      "/chartRun.js": [".js", CHART_JS],
      "/echartsRun.js": [".js", ECHARTS],
      "/chartPage": [
        ".html",
        page(`<canvas width="${SIZE.width}" height="${SIZE.height}"></canvas>`, ["/chart.js", "/chartRun.js"]),
      ],
      "/echartsPage": [
        ".html",
        page(`<div style="width:${SIZE.width}px;height:${SIZE.height}px"></div>`, ["/echarts.js", "/echartsRun.js"]),
      ],
    },
  });
  console.log(
    `${CURVES} curves × ${POINTS} values, ${UPDATES} updates of ${ADDED} values each; load ${loadavg()[0].toFixed(1)}`,
  );
  console.log(
    `${"".padEnd(10)}${"frames".padStart(7)}${"p50".padStart(11)}${"p95".padStart(11)}${"own p95".padStart(11)}${"CPU/frame".padStart(11)}${"heap".padStart(9)}${"renderer".padStart(9)}`,
  );
  report(
    "panel",
    await measure(`${server.url}/editorPage`, [
      METER,
      "window.onSent = (message) => parent.postMessage(message, '*');",
    ]),
  );
  if (!isAlone) {
    report("Chart.js", await measure(`${server.url}/chartPage`));
    report("ECharts", await measure(`${server.url}/echartsPage`));
  }
  server.close();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
