// The page of "Show Curves…": charts of the runs it is sent, a table of them, and what the person wants to see.
import { Chart, colorOf } from "./curveChart.js";
import { csvOf, formatValue, tagsOf } from "./curveData.js";

const vscode = acquireVsCodeApi();
const byId = (id) => document.getElementById(id);
const main = byId("charts");
const charts = new Map();
const MIN_CHART_WIDTH = 380;

/** What the person chose, kept over a reload of the window. */
const view = {
  axis: "step",
  smoothing: 0,
  isLog: false,
  isTable: false,
  filter: "",
  hidden: [],
  ...vscode.getState()?.view,
};
let runs = [];

window.addEventListener("message", ({ data }) => {
  runs = label(data.runs);
  draw();
  send({ kind: "drawn" });
});

/** Two runs of one script are told apart by the end of their ids. */
function label(sent) {
  const titles = sent.map(({ title }) => title);
  return sent.map((run) => ({
    ...run,
    label: titles.filter((title) => title === run.title).length > 1 ? `${run.title} ${run.id.slice(-4)}` : run.title,
  }));
}

function draw() {
  vscode.setState({ runIds: runs.map(({ id }) => id), view });
  view.theme = document.body.className;
  drawRuns();
  const shown = runs.flatMap((run, index) => (view.hidden.includes(run.id) ? [] : [{ ...run, index }]));
  const tags = tagsOf(shown).filter(([tag]) => isWanted(tag));
  if (tags.length === 0) {
    clearCharts();
    main.replaceChildren(paragraph(sayNothing(shown)));
  } else if (view.isTable) {
    clearCharts();
    main.replaceChildren(summaryTable(tags));
  } else {
    drawCharts(tags);
  }
}

function isWanted(tag) {
  return tag.toLowerCase().includes(view.filter.trim().toLowerCase());
}

function sayNothing(shown) {
  if (runs.length === 0) {
    return "No run is chosen. Press “Choose Runs…”.";
  }
  if (shown.some(({ series }) => series.length > 0)) {
    return `No metric is called “${view.filter}”.`;
  }
  return shown.length === 0 ? "All runs are hidden." : shown.map((run) => `${run.label}: ${run.source}.`).join(" ");
}

function drawCharts(tags) {
  const columns = Math.max(1, Math.floor(main.clientWidth / MIN_CHART_WIDTH));
  const width = Math.floor((main.clientWidth - 16 * (columns - 1)) / columns) - 26;
  main.style.setProperty("--columns", String(columns));
  for (const [tag, chart] of charts) {
    if (!tags.some(([shown]) => shown === tag)) {
      chart.destroy();
      charts.delete(tag);
    }
  }
  const drawn = tags.map(([tag, curves]) => {
    const chart = charts.get(tag) ?? new Chart(tag, (path) => send({ kind: "open-checkpoint", path }));
    charts.set(tag, chart);
    return { chart, curves: curves.map(({ run, series }) => ({ run, series, index: run.index })) };
  });
  const elements = drawn.map(({ chart }) => chart.element);
  if (elements.length !== main.children.length || elements.some((element, at) => main.children[at] !== element)) {
    main.replaceChildren(...elements);
  }
  for (const { chart, curves } of drawn) {
    chart.draw(curves, view, width);
  }
}

function clearCharts() {
  charts.forEach((chart) => chart.destroy());
  charts.clear();
}

/** The runs with their colours; a run is hidden and shown with its box. */
function drawRuns() {
  const focused = document.activeElement?.getAttribute("data-run");
  const rows = runs.map((run, index) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !view.hidden.includes(run.id);
    box.dataset.run = run.id;
    box.addEventListener("change", () => {
      view.hidden = box.checked ? view.hidden.filter((id) => id !== run.id) : [...view.hidden, run.id];
      draw();
    });
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = colorOf(index);
    const row = document.createElement("label");
    row.className = "run";
    row.title = `${run.id}\nfrom ${run.source}`;
    const text = document.createElement("span");
    text.textContent = run.description;
    text.className = "note";
    const name = document.createElement("b");
    name.textContent = run.label;
    row.append(box, swatch, name, text);
    return row;
  });
  byId("runs").replaceChildren(...rows);
  rows.find((row) => row.firstChild.dataset.run === focused)?.firstChild.focus();
}

/** Every curve in numbers: what a screen reader can read, and sorted for the eye. */
function summaryTable(tags) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const title of ["Metric", "Run", "First", "Last", "Best", "At step", "Trend", "Values"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const [tag, curves] of tags) {
    for (const { run, series } of curves) {
      const { first, last, best, trend, count, broken } = series.summary;
      const row = body.insertRow();
      const bad = broken ? ` (${broken.count} not finite, from step ${broken.firstStep})` : "";
      const cells = [
        tag,
        run.label,
        sayValue(first),
        sayValue(last),
        sayValue(best?.value),
        best?.step ?? "",
        trend === "too short to tell" ? "" : trend,
        count + bad,
      ];
      cells.forEach((text) => {
        row.insertCell().textContent = String(text);
      });
    }
  }
  return table;
}

function sayValue(value) {
  return value === undefined ? "" : Number.isFinite(value) ? formatValue(value) : String(value);
}

function paragraph(text) {
  const element = document.createElement("p");
  element.className = "empty";
  element.textContent = text;
  return element;
}

function bind(id, property, event = "change") {
  const input = byId(id);
  const isBox = input.type === "checkbox";
  const isNumber = input.type === "range";
  if (isBox) {
    input.checked = view[property];
  } else {
    input.value = view[property];
  }
  input.addEventListener(event, () => {
    view[property] = isBox ? input.checked : isNumber ? Number(input.value) : input.value;
    draw();
  });
}

bind("axis", "axis");
bind("smoothing", "smoothing", "input");
bind("log", "isLog");
bind("table", "isTable");
bind("filter", "filter", "input");
byId("choose").addEventListener("click", () => send({ kind: "choose-runs" }));
byId("csv").addEventListener("click", () => send({ kind: "export", name: "curves.csv", text: csvOf(runs, isWanted) }));
new ResizeObserver(() => draw()).observe(main);
new MutationObserver(() => draw()).observe(document.body, { attributeFilter: ["class"] });

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

send({ kind: "ready" });
