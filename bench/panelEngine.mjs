/*
 * The thread that feeds the panel in bench/panel.mjs, as the extension's thread does: it adds values to the curves and sends what is drawn.
 * POINTS, CURVES, ADDED, UPDATES, INTERVAL_MS and valueAt stand before it in its bundle, and before the peers.
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- this is a worker's function, not the window's. */
import { RunCurves } from "../src/core/dashboard/runCurves.ts";

const FACTS = { title: "train", state: "running", description: "", startedMs: 1.7e12, source: "", parameters: {} };

const runs = Array.from({ length: CURVES }, (_, at) => ({
  id: `run-${String(at).padStart(2, "0")}`,
  series: { tag: "loss", steps: [], times: [], values: [] },
  curves: new RunCurves(),
}));
let tags = [];
let maxPoints = 0;
let growMs = 0;

function add(count) {
  for (const [at, { series, curves }] of runs.entries()) {
    for (let n = 0; n < count; n++) {
      const step = series.values.length;
      series.steps.push(step);
      series.times.push(FACTS.startedMs + step * 100);
      series.values.push(valueAt(at, step));
    }
    curves.grow([series]);
  }
}

function send() {
  const started = performance.now();
  const drawn = runs.map(({ id, curves }) => {
    const series = curves.draw({ maxPoints, smoothing: 0 }, tags);
    return { ...FACTS, id, isWhole: true, checkpoints: [], alarms: [], series };
  });
  postMessage({ kind: "draw", knownRuns: CURVES, runs: drawn, engineMs: performance.now() - started + growMs });
}

function update() {
  const started = performance.now();
  add(ADDED);
  growMs = performance.now() - started;
  send();
}

function start() {
  let left = UPDATES;
  const timer = setInterval(() => {
    update();
    left -= 1;
    if (left === 0) {
      clearInterval(timer);
      postMessage({ kind: "end" });
    }
  }, INTERVAL_MS);
}

add(POINTS);
onmessage = ({ data }) => {
  switch (data.kind) {
    case "ready":
    case "look":
      tags = data.tags ?? tags;
      maxPoints = data.maxPoints ?? maxPoints;
      send();
      break;
    case "start":
      start();
      break;
  }
};
