// The page of "Show Curves": charts of the runs it is sent, tables of them, and what the person wants to see.
import { Chart, forgetPlace } from "./curveChart.js";
import { colorsOf, gridOf, groupsOf, labelRuns, matcherOf, mergeRuns, tagsOf } from "./curveData.js";
import { sayNothing } from "./curveEmpty.js";
import { fileNameOf, isDrawn, pngOf, svgOf } from "./curveExport.js";
import { openMenu } from "./curveMenu.js";
import { drawGrouping, drawRuns } from "./curveRuns.js";
import { drawSweep } from "./curveSweep.js";
import { drawSummary } from "./curveTable.js";
import { change, forgetColors, make } from "./curveTheme.js";
import { groupsBy, indexesOf } from "./runGroups.js";

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
/** Of a group with more charts only the first are laid out, until the person asks for more. */
const GROUP_PAGE = 24;

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
      nameRuns();
      if (isLoaded && data.folder?.path !== told.folder?.path) {
        // What was looked at closely there may be any stretch of the curves here.
        view.zooms = {};
      }
      told = data;
      isLoaded = true;
      isAnswerDue = true;
      showFailure(undefined);
      redraw();
      break;
    case "detail":
      charts.get(data.tag)?.setDetail(data);
      break;
    case "failed":
      showFailure(data.text);
      break;
  }
});

/** Gives each run its name and its colour, or that of its group. */
function nameRuns() {
  page.groups = groupsBy(runs, view.group);
  runs = labelRuns(runs, { ...view.colors, ...indexesOf(page.groups) });
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
    drawRuns(byId("run-table"), { runs, tags: tagsOf(runs).map(([tag]) => tag), page });
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
  const shown = runs.filter(({ id }) => !view.hidden.includes(id));
  const allTags = tagsOf(runs).map(([tag]) => tag);
  drawChrome();
  const isWanted = matcherOf(view.filter);
  const tags = tagsOf(shown).filter(([tag]) => isWanted(tag));
  change(byId("count"), "textContent", view.filter.trim() === "" ? "" : `${tags.length} of ${allTags.length} metrics`);
  if (view.tab === "sweep") {
    replaceCharts((holder) => drawSweep(holder, { page, ...told, runs: shown, tags: allTags }));
  } else if (tags.length === 0) {
    replaceCharts((holder) => holder.replaceChildren(...sayNothing(shown, { page, ...told, runs })));
  } else if (view.tab === "table") {
    replaceCharts((holder) => drawSummary(holder, tags));
  } else {
    drawCharts(tags);
  }
  look();
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
  const hidden = view.hidden.filter((id) => runs.some((run) => run.id === id));
  const place = told.folder === undefined ? "Runs" : `Runs in ${told.folder.name}`;
  change(byId("runs-title"), "textContent", `${place} (${runs.length - hidden.length} of ${told.knownRuns} shown)`);
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
  const sections = groups.map((group) => sectionOf(group, groups.length > 1));
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

/** A group of charts that can be folded; what is folded is neither read nor drawn. */
function sectionOf({ name, entries }, isNamed) {
  const known = [...main.children].find((element) => element.dataset?.group === name);
  const section = known ?? makeSection(name);
  const title = section.querySelector("summary");
  title.hidden = !isNamed;
  change(title, "textContent", `${name === "" ? "Metrics" : name} (${entries.length})`);
  section.open = !isNamed || !view.folded.includes(name);
  const room = view.shownOf[name] ?? GROUP_PAGE;
  const more = section.querySelector("button.more");
  more.hidden = entries.length <= room;
  change(more, "textContent", `Show ${Math.min(GROUP_PAGE, entries.length - room)} More of ${entries.length}`);
  return {
    element: section,
    grid: section.querySelector(".grid"),
    entries: section.open ? entries.slice(0, room) : [],
  };
}

function makeSection(name) {
  const more = make("button", { className: "quiet more", type: "button" });
  const section = make("details", { open: true }, make("summary"), make("div", { className: "grid" }), more);
  section.dataset.group = name;
  section.addEventListener("toggle", () => {
    const folded = view.folded.filter((each) => each !== name);
    const now = section.open ? folded : [...folded, name];
    if (now.length !== view.folded.length) {
      view.folded = now;
      redraw();
    }
  });
  more.addEventListener("click", () => {
    view.shownOf[name] = (view.shownOf[name] ?? GROUP_PAGE) + GROUP_PAGE;
    redraw();
  });
  return section;
}

/** An element that is taken out and put back would lose the focus and its place. */
function keepChildren(parent, wanted) {
  if (wanted.length !== parent.children.length || wanted.some((element, at) => parent.children[at] !== element)) {
    parent.replaceChildren(...wanted);
  }
}

/** Tells the extension what is in sight, so that it reads and sends the points of nothing else. */
function look() {
  const tags = view.tab === "charts" ? [...inSight].toSorted((a, b) => a.localeCompare(b)) : [];
  const widest = tags.some((tag) => charts.get(tag)?.isWide) ? mainWidth : gridOf(mainWidth).width;
  const maxPoints = Math.ceil((widest * devicePixelRatio * PIXEL_POINTS) / POINTS_STEP) * POINTS_STEP;
  const message = { kind: "look", tags, hidden: view.hidden, smoothing: view.smoothing, maxPoints };
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
    byId(`tab-${tab}`).addEventListener("click", () => {
      view.tab = tab;
      redraw();
    });
    byId(`tab-${tab}`).addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step !== undefined) {
        view.tab = tabs[(at + step + tabs.length) % tabs.length];
        redraw();
        byId(`tab-${view.tab}`).focus();
      }
    });
  }
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
    { title: "CSV of All Values…", run: () => send({ kind: "export-values", tags, hidden: view.hidden }) },
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
new MutationObserver(redraw).observe(document.body, { attributeFilter: ["class"] });

/** To the extension, which is the only other side there is. */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is VS Code's function, not the window's.
  vscode.postMessage(message);
}

send({ kind: "ready" });
