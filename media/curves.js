// The page of "Show Curves": draws what it is sent, says what it wants to see, and when it has drawn.
import { drawChart } from "./curvesChart.js";
import { element, runsTable, valuesTable } from "./curvesTables.js";
import { readTheme, strokeOf } from "./curvesTheme.js";

/** Charts drawn at once; the filter brings the others up. */
const MAX_CHARTS = 24;
const vscode = acquireVsCodeApi();
const [toolbar, status, runsPlace, chartsPlace] = ["toolbar", "status", "runs", "charts"].map((id) =>
  document.getElementById(id),
);
const valuesPlace = document.querySelector("#values > div");

let state = { axis: "step", smoothing: 0, isLog: false, filter: "", hidden: [], ...vscode.getState() };
let frame = { runs: [], curves: [], marks: [], searched: undefined };
let plots = [];

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

function requestView() {
  const { axis, smoothing, range } = state;
  send({ kind: "view", view: { axis, smoothing, range, maxPoints: 1200 } });
}

function change(part) {
  const mustAsk = ["axis", "smoothing", "range"].some((key) => key in part);
  state = { ...state, ...part, ...("axis" in part ? { range: undefined } : {}) };
  vscode.setState(state);
  if (mustAsk) {
    requestView();
  }
  draw();
}

function drawToolbar() {
  const select = element(
    "select",
    { onchange: () => change({ axis: select.value }) },
    ...["step", "relative", "wall"].map((axis) =>
      element(
        "option",
        { value: axis, selected: axis === state.axis },
        { step: "Step", relative: "Time since start", wall: "Wall time" }[axis],
      ),
    ),
  );
  const smoothing = element("input", {
    type: "range",
    min: "0",
    max: "0.99",
    step: "0.01",
    value: String(state.smoothing),
    onchange: () => change({ smoothing: Number(smoothing.value) }),
  });
  const log = element("input", {
    type: "checkbox",
    checked: state.isLog,
    onchange: () => change({ isLog: log.checked }),
  });
  const filter = element("input", {
    type: "search",
    placeholder: "Filter metrics and runs",
    value: state.filter,
    oninput: () => change({ filter: filter.value }),
    "aria-label": "Filter metrics and runs",
  });
  toolbar.replaceChildren(
    filter,
    element("label", {}, "Axis", select),
    element("label", {}, "Smoothing", smoothing),
    element("label", {}, log, "Log scale"),
    element("button", { onclick: () => change({ range: undefined }) }, "Reset Zoom"),
    element("button", { onclick: savePicture }, "Save PNG…"),
    element("button", { onclick: saveValues }, "Save CSV…"),
  );
}

/** A word that names a run filters runs, and one that names metrics filters charts. */
function isMatching(text) {
  return text.toLowerCase().includes(state.filter.trim().toLowerCase());
}

function draw() {
  const theme = readTheme();
  const strokes = new Map(frame.runs.map(({ key }, index) => [key, strokeOf(theme, index)]));
  const names = new Map(frame.runs.map(({ key, name }) => [key, name]));
  const isRunFilter = frame.runs.some(({ name, source }) => isMatching([name, source?.id].join(" ")));
  const isTagFilter = frame.curves.some(({ tag }) => isMatching(tag));
  const runs = frame.runs.filter(
    ({ name, source }) => isTagFilter || !isRunFilter || isMatching([name, source?.id].join(" ")),
  );
  const shownKeys = new Set(runs.map(({ key }) => key).filter((key) => !state.hidden.includes(key)));
  const curves = frame.curves.filter(({ run, tag }) => shownKeys.has(run) && (!isTagFilter || isMatching(tag)));
  const tags = [...new Set(curves.map(({ tag }) => tag))].toSorted((a, b) => a.localeCompare(b));
  const focused = document.activeElement?.getAttribute("aria-label");
  drawRuns(runs, strokes);
  const charts = tags.slice(0, MAX_CHARTS).map((tag) => ({
    tag,
    place: element(
      "figure",
      { className: "chart", style: "margin:0", "aria-label": `Curves of ${tag}` },
      element("h2", {}, tag),
    ),
    curves: curves
      .filter((curve) => curve.tag === tag)
      .map((curve) => ({
        ...curve,
        name: names.get(curve.run),
        stroke: strokes.get(curve.run),
        summary: frame.runs.find(({ key }) => key === curve.run).summaries.find((each) => each.tag === tag),
      })),
  }));
  plots.forEach((plot) => plot.destroy());
  chartsPlace.replaceChildren(...(frame.runs.length === 0 ? [emptyState()] : charts.map(({ place }) => place)));
  plots = charts.map(({ place, curves: own }) =>
    drawChart(place, {
      curves: own,
      marks: frame.marks.filter(({ run }) => shownKeys.has(run)),
      state,
      theme,
      onMark: ({ path }) => send({ kind: "inspect", path }),
      onZoom: (range) => change({ range }),
    }),
  );
  if (document.getElementById("values").open) {
    valuesPlace.replaceChildren(valuesTable(runs));
  }
  status.textContent = statusText(tags.length);
  [...document.querySelectorAll("[aria-label]")]
    .find((each) => focused && each.getAttribute("aria-label") === focused)
    ?.focus();
}

function drawRuns(runs, strokes) {
  const wasAt = runsPlace.querySelector(".scroll")?.scrollTop ?? 0;
  runsPlace.replaceChildren(...(runs.length > 0 ? [runsTable(runs, { state, strokes, onChange: change })] : []));
  runsPlace.querySelector(".scroll")?.scrollTo(0, wasAt);
}

function statusText(charts) {
  const problems = frame.runs.flatMap((run) => run.problems);
  const hidden =
    charts > MAX_CHARTS ? `${charts - MAX_CHARTS} of ${charts} metrics are not drawn; filter to see them. ` : "";
  const count = frame.runs.length === 0 ? "" : `${frame.runs.length} ${frame.runs.length === 1 ? "run" : "runs"}. `;
  const untimed =
    state.axis !== "step" && frame.curves.length === 0 && frame.runs.length > 0
      ? "These logs hold no times; choose the step axis. "
      : "";
  return count + hidden + untimed + problems.join(" ");
}

function emptyState() {
  if (frame.searched === undefined) {
    return element("p", { className: "empty" }, "Reading logs…");
  }
  return element(
    "div",
    { className: "empty" },
    element("h2", {}, "No training logs yet"),
    element(
      "p",
      {},
      "Looked for TensorBoard event files, CSV and JSONL logs, trainer_state.json and the output of runs in:",
    ),
    element("ul", {}, ...frame.searched.map((folder) => element("li", {}, folder))),
    element("p", {}, "Start a training, and its curves appear here while it runs."),
    element("button", { onclick: () => send({ kind: "train" }) }, "Train…"),
  );
}

/** Every chart under its title, as one picture. */
function savePicture() {
  const canvases = plots.map(({ ctx }) => ctx.canvas);
  const titleHeight = 28 * devicePixelRatio;
  const picture = element("canvas", {
    width: Math.max(1, ...canvases.map(({ width }) => width)),
    height: Math.max(
      1,
      canvases.reduce((sum, { height }) => sum + height + titleHeight, 0),
    ),
  });
  const context = picture.getContext("2d");
  const theme = readTheme();
  context.fillStyle = theme.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.font = `${14 * devicePixelRatio}px sans-serif`;
  context.fillStyle = theme.foreground;
  let top = 0;
  canvases.forEach((canvas, index) => {
    context.fillText(
      chartsPlace.querySelectorAll("h2")[index].textContent,
      8 * devicePixelRatio,
      top + titleHeight * 0.7,
    );
    context.drawImage(canvas, 0, top + titleHeight);
    top += canvas.height + titleHeight;
  });
  send({ kind: "save", name: "curves.png", content: picture.toDataURL("image/png").split(",")[1], encoding: "base64" });
}

function quote(text) {
  return `"${String(text).replaceAll('"', '""')}"`;
}

function saveValues() {
  const names = new Map(frame.runs.map(({ key, name }) => [key, name]));
  const rows = frame.curves.flatMap(({ run, tag, points }) =>
    Array.from(points.x, (x, index) => [quote(names.get(run)), quote(tag), x, points.values[index]].join(",")),
  );
  send({
    kind: "save",
    name: "curves.csv",
    content: [`run,metric,${state.axis},value`, ...rows, ""].join("\n"),
    encoding: "utf8",
  });
}

window.addEventListener("message", ({ data }) => {
  if (data.kind === "frame") {
    frame = data.frame;
    draw();
    requestAnimationFrame(() => send({ kind: "drawn" }));
  }
});
new ResizeObserver(() =>
  plots.forEach((plot) =>
    plot.setSize({ width: Math.max(200, plot.root.parentElement.clientWidth), height: plot.height }),
  ),
).observe(chartsPlace);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
document.getElementById("values").addEventListener("toggle", draw);

drawToolbar();
draw();
requestView();
