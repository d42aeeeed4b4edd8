// The page of "Show Curves": charts of the runs it is sent, tables of them, and what the person wants to see.
import { Chart, forgetPlace } from "./curveChart.js";
import { colorsOf, gridOf, groupsOf, labelRuns, matcherOf, mergeRuns, tagsOf, usualMetric } from "./curveData.js";
import { sayNothing } from "./curveEmpty.js";
import { fileNameOf, isDrawn, pngOf, svgOf } from "./curveExport.js";
import { openMenu } from "./curveMenu.js";
import { drawGrouping, drawRuns } from "./curveRuns.js";
import { sectionOf } from "./curveSections.js";
import { drawSweep } from "./curveSweep.js";
import { drawSummary } from "./curveTable.js";
import { change, forgetColors } from "./curveTheme.js";
import { groupsBy, indexesOf } from "./runGroups.js";
import { matchingRuns } from "./runRows.js";

const vscode = acquireVsCodeApi();
const byId = (id) => document.getElementById(id);
const main = byId("charts");
const charts = new Map();
const inSight = new Set();
/** What a chart has around its plot. */
const CHART_FRAME = 26;
/** Of a curve, for each pixel of a chart's width: where it begins and ends there, and its extremes. */
const PIXEL_POINTS = 4;
/** The width is counted in steps of so many points, or a window that is made larger would have them read again and again. */
const POINTS_STEP = 400;

/** What the person chose, kept over a reload of the window. */
const view = {
  axis: "step",
  smoothing: 0,
  isLog: false,
  isRobust: false,
  tab: "charts",
  filter: "",
  hidden: [],
  folded: [],
  shownOf: {},
  wide: [],
  zooms: {},
  legendSort: { key: "label", isDescending: false },
  runSort: { key: "started", isDescending: true },
  runFilter: "",
  isRunsOpen: true,
  metric: undefined,
  reference: undefined,
  group: "",
  colors: {},
  ...vscode.getState()?.view,
  theme: "",
};

let runs = [];
/** Those that are ticked and that the filter of the table lets through. */
let shown = [];
/** What the last message said beside its runs: how many there are, of which folder, what else there is to see. */
let told = { knownRuns: 0, maxRuns: Infinity };
let isPending = false;
let areTextsPending = false;
let isAnswerDue = false;
let isLoaded = false;
let looked = "";
/** Known from the observer: to ask for it in the middle of a frame would lay the page out once more. */
let mainWidth = main.clientWidth;

const page = {
  view,
  groups: [],
  redraw,
  send,
  say: (text) => {
    byId("said").textContent = text;
  },
  askDetail: (tag, window) => send({ kind: "detail", tag, window }),
  openMenu,
  /** Hides the runs, or shows them where all are hidden. */
  toggleRuns(ids) {
    const others = view.hidden.filter((id) => !ids.includes(id));
    view.hidden = ids.every((id) => view.hidden.includes(id)) ? others : [...others, ...ids];
    redraw();
  },
  hover(x, from) {
    if (x === undefined) {
      forgetPlace();
    }
    for (const chart of charts.values()) {
      if (x === undefined || (chart !== from && inSight.has(chart.tag))) {
        chart.showPlace(x);
      }
    }
  },
};

window.addEventListener("message", ({ data }) => {
  switch (data.kind) {
    case "draw":
      runs = mergeRuns(runs, data.runs);
      view.colors = colorsOf(runs, view.colors);
      if (isLoaded && data.folder?.path !== told.folder?.path) {
        forgetFolder();
      }
      told = data;
      nameRuns();
      isLoaded = true;
      isAnswerDue = true;
      sayReading("");
      showFailure(undefined);
      redraw();
      break;
    case "detail":
      charts.get(data.tag)?.setDetail(data);
      break;
    case "reading":
      sayReading(data.text);
      break;
    case "failed":
      sayReading("");
      showFailure(data.text);
      break;
  }
});

/** The runs of another folder are shown from their beginning. */
function forgetFolder() {
  // What was looked at closely may be any stretch of the curves there, and a filter would hide all of its runs.
  view.zooms = {};
  view.runFilter = "";
  byId("run-filter").value = "";
  scrollTo(0, 0);
}

/** Gives each run its name and its colour, or that of its group. */
function nameRuns() {
  page.groups = groupsBy(runs, view.group);
  runs = labelRuns(runs, { ...view.colors, ...indexesOf(page.groups) }, { isFolder: told.folder !== undefined });
}

function sayReading(text) {
  change(byId("reading"), "textContent", text);
}

function showFailure(text) {
  byId("failure").hidden = text === undefined;
  change(byId("failure-text"), "textContent", text ?? "");
}

/** Once, however many changes there were. */
function redraw() {
  if (!isPending && !areTextsPending) {
    requestAnimationFrame(drawFrame);
  }
  isPending = true;
}

/** Lines in one frame and texts in the next: together they would take longer than a frame should. */
function drawFrame() {
  if (areTextsPending) {
    areTextsPending = false;
    drawTexts();
  } else {
    isPending = false;
    areTextsPending = isLoaded;
    draw();
  }
  if (isPending || areTextsPending) {
    requestAnimationFrame(drawFrame);
  }
}

function drawTexts() {
  if (view.isRunsOpen) {
    drawRuns(byId("run-table"), { runs, ...choicesOf(tagsOf(runs)), page });
  }
  charts.forEach((chart) => chart.drawTexts());
  if (isAnswerDue) {
    isAnswerDue = false;
    send({ kind: "drawn" });
  }
}

function draw() {
  if (!isLoaded) {
    return;
  }
  keepState();
  if (view.theme !== document.body.className) {
    view.theme = document.body.className;
    forgetColors();
  }
  shown = matchingRuns(runs, view.runFilter).filter(({ id }) => !view.hidden.includes(id));
  const choices = choicesOf(tagsOf(runs));
  drawChrome();
  const isWanted = matcherOf(view.filter);
  const tags = tagsOf(shown).filter(([tag]) => isWanted(tag));
  change(
    byId("count"),
    "textContent",
    view.filter.trim() === "" ? "" : `${tags.length} of ${choices.tags.length} metrics`,
  );
  if (view.tab === "sweep") {
    replaceCharts((holder) => drawSweep(holder, { page, ...told, runs: shown, ...choices }));
  } else if (tags.length === 0) {
    replaceCharts((holder) => holder.replaceChildren(...sayNothing(shown, { page, ...told, runs })));
  } else if (view.tab === "table") {
    replaceCharts((holder) => drawSummary(holder, tags));
  } else {
    drawCharts(tags);
  }
  look();
}

/** The metrics that runs can be compared by, and the one that they are. */
function choicesOf(entries) {
  const tags = entries.map(([tag]) => tag);
  return { tags, metric: tags.includes(view.metric) ? view.metric : usualMetric(entries, runs.length) };
}

let kept = "";

function keepState() {
  // Of a folder whose runs nobody chose, those that come later are shown as well.
  const isFixed = told.folder?.isChosen ?? true;
  const state = { runIds: isFixed ? runs.map(({ id }) => id) : [], folder: told.folder?.path, view };
  const said = JSON.stringify(state);
  if (said !== kept) {
    kept = said;
    vscode.setState(state);
  }
}

function drawChrome() {
  for (const tab of ["charts", "table", "sweep"]) {
    const button = byId(`tab-${tab}`);
    button.setAttribute("aria-selected", String(view.tab === tab));
    button.tabIndex = view.tab === tab ? 0 : -1;
  }
  main.setAttribute("aria-labelledby", `tab-${view.tab}`);
  for (const control of document.querySelectorAll(".of-charts")) {
    control.hidden = view.tab !== "charts";
  }
  byId("filter").hidden = view.tab === "sweep";
  byId("count").hidden = view.tab === "sweep";
  change(byId("smoothing-value"), "textContent", view.smoothing === 0 ? "off" : String(view.smoothing));
  byId("reset").hidden = Object.keys(view.zooms).length === 0;
  byId("runs").hidden = runs.length === 0;
  drawGrouping(byId("grouping"), byId("group"), { runs, page });
  const place = told.folder === undefined ? "Runs" : `Runs in ${told.folder.name}`;
  change(byId("runs-title"), "textContent", `${place} (${shown.length} of ${told.knownRuns} shown)`);
  // What filters can be taken back, however few runs there are now.
  byId("run-filter").hidden = runs.length < 4 && view.runFilter === "";
}

function replaceCharts(fill) {
  if (charts.size > 0) {
    forgetPlace();
  }
  charts.forEach((chart) => chart.destroy());
  charts.clear();
  inSight.clear();
  main.classList.remove("groups");
  fill(main);
}

function drawCharts(tags) {
  main.classList.add("groups");
  const groups = groupsOf(tags);
  const sections = groups.map((group) => sectionOf(main, group, { isNamed: groups.length > 1, page }));
  keepChildren(
    main,
    sections.map(({ element }) => element),
  );
  const drawn = new Set();
  const { columns, width } = gridOf(mainWidth);
  main.style.setProperty("--columns", String(columns));
  for (const { grid, entries } of sections) {
    const wanted = entries.map(([tag]) => {
      drawn.add(tag);
      return chartOf(tag).element;
    });
    keepChildren(grid, wanted);
    for (const [tag, curves] of entries) {
      const chart = chartOf(tag);
      chart.show(curves);
      if (inSight.has(tag)) {
        chart.draw(
          curves.map(({ run, series }) => ({ run, series, index: run.index })),
          (chart.isWide ? mainWidth : width) - CHART_FRAME,
        );
      }
    }
  }
  for (const [tag, chart] of charts) {
    if (!drawn.has(tag)) {
      chart.destroy();
      sight.unobserve(chart.element);
      charts.delete(tag);
      inSight.delete(tag);
    }
  }
}

function chartOf(tag) {
  const known = charts.get(tag);
  if (known !== undefined) {
    return known;
  }
  const chart = new Chart(tag, page);
  charts.set(tag, chart);
  sight.observe(chart.element);
  return chart;
}

/** An element that is taken out and put back would lose the focus and its place. */
function keepChildren(parent, wanted) {
  if (wanted.length !== parent.children.length || wanted.some((element, at) => parent.children[at] !== element)) {
    parent.replaceChildren(...wanted);
  }
}

/** What is not drawn: also those that are not here now, but were hidden. */
function hiddenIds() {
  const ids = new Set(shown.map(({ id }) => id));
  return [...new Set([...view.hidden, ...runs.flatMap(({ id }) => (ids.has(id) ? [] : id))])];
}

/** Tells the extension what is in sight, so that it reads and sends the points of nothing else. */
function look() {
  const tags = view.tab === "charts" ? [...inSight].toSorted((a, b) => a.localeCompare(b)) : [];
  const widest = tags.some((tag) => charts.get(tag)?.isWide) ? mainWidth : gridOf(mainWidth).width;
  const maxPoints = Math.ceil((widest * devicePixelRatio * PIXEL_POINTS) / POINTS_STEP) * POINTS_STEP;
  const withMeans = view.group !== "";
  const message = { kind: "look", tags, hidden: hiddenIds(), smoothing: view.smoothing, maxPoints, withMeans };
  const said = JSON.stringify(message);
  if (said !== looked) {
    looked = said;
    send(message);
  }
}

const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      inSight[isIntersecting ? "add" : "delete"](target.dataset.tag);
    }
    redraw();
  },
  { rootMargin: "300px" },
);

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
    redraw();
  });
}

function bindTabs() {
  const tabs = ["charts", "table", "sweep"];
  for (const [at, tab] of tabs.entries()) {
    byId(`tab-${tab}`).addEventListener("click", () => showTab(tab));
    byId(`tab-${tab}`).addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step !== undefined) {
        showTab(tabs[(at + step + tabs.length) % tabs.length]);
        byId(`tab-${view.tab}`).focus();
      }
    });
  }
}

/** What is shown next is seen from its beginning. */
function showTab(tab) {
  view.tab = tab;
  if (main.getBoundingClientRect().top < byId("bar").offsetHeight) {
    main.scrollIntoView();
  }
  redraw();
}

function exportItems() {
  const pictures = [...charts.values()].map(({ picture }) => picture).filter(isDrawn);
  const columns = Number(main.style.getPropertyValue("--columns")) || 1;
  const isWanted = matcherOf(view.filter);
  const tags = tagsOf(runs).flatMap(([tag]) => (isWanted(tag) ? [tag] : []));
  const save = (ending, render) => () =>
    send({ kind: "export-picture", name: `${fileNameOf(pictures)}.${ending}`, text: render() });
  const none = [{ heading: "Scroll to the charts to export pictures of them." }];
  return [
    { title: "CSV of All Values…", run: () => send({ kind: "export-values", tags, hidden: hiddenIds() }) },
    ...(pictures.length === 0
      ? none
      : [
          { title: "PNG of the Charts in Sight…", run: save("png", () => pngOf(pictures, columns)) },
          { title: "SVG of the Charts in Sight…", run: save("svg", () => svgOf(pictures, columns, view.isLog)) },
        ]),
    { title: "Open in TensorBoard", run: () => send({ kind: "open-tensorboard" }) },
  ];
}

bind("axis", "axis");
bind("smoothing", "smoothing", "input");
bind("log", "isLog");
bind("robust", "isRobust");
bind("filter", "filter", "input");
bind("run-filter", "runFilter", "input");
bind("group", "group");
byId("group").addEventListener("change", nameRuns);
bindTabs();
byId("runs").open = view.isRunsOpen;
byId("runs").addEventListener("toggle", () => {
  view.isRunsOpen = byId("runs").open;
  redraw();
});
byId("choose").addEventListener("click", () => send({ kind: "choose-runs" }));
byId("folder").addEventListener("click", () => send({ kind: "show-folder" }));
byId("retry").addEventListener("click", () => send({ kind: "retry" }));
byId("export").addEventListener("click", () => openMenu(byId("export"), exportItems()));
byId("reset").addEventListener("click", () => {
  view.zooms = {};
  redraw();
});
document.addEventListener("scroll", forgetPlace, { passive: true });
document.addEventListener("keydown", (event) => {
  const isTyping = /^(?:INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    byId("filter").focus();
  }
});
new ResizeObserver(() => {
  mainWidth = main.clientWidth;
  redraw();
}).observe(main);
new ResizeObserver(() => {
  const bar = byId("bar");
  const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  document.documentElement.style.setProperty("--bar", `${height}px`);
}).observe(byId("bar"));
new MutationObserver(redraw).observe(document.body, { attributeFilter: ["class"] });

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

send({ kind: "ready" });
