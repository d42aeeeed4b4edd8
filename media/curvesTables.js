// The table of the runs, and the values of all curves as a table for those who see no curves.
import { formatValue } from "./curvesChart.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (key in made && key !== "list") {
      made[key] = value;
    } else {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

/** What a run is compared by: a validation score before a loss, and any before none. */
function mainMetric(runs) {
  const tags = [
    ...new Set(runs.flatMap(({ summaries }) => summaries.filter(({ best }) => best).map(({ tag }) => tag))),
  ];
  const wanted = [/val.*(?:acc|f1|auc|map|iou|score)/i, /val.*loss|eval.*loss/i, /acc|f1|auc/i, /loss/i];
  return wanted.map((pattern) => tags.find((tag) => pattern.test(tag))).find(Boolean) ?? tags[0];
}

function durationOf({ source }) {
  return source ? ((source.endedMs ?? Date.now()) - source.startedMs) / 1000 : undefined;
}

function formatDuration(seconds) {
  if (seconds === undefined) {
    return "";
  }
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function bestOf(run, metric) {
  return run.summaries.find(({ tag }) => tag === metric)?.best?.value;
}

function parametersOf({ source }) {
  return Object.entries(source?.parameters ?? {})
    .map(([flag, value]) => `${flag} ${value}`)
    .join(" ");
}

function columnsOf(metric) {
  return [
    { title: "Run", value: (run) => run.name },
    { title: "State", value: (run) => run.source?.state ?? "" },
    { title: "Duration", value: durationOf, show: (run) => formatDuration(durationOf(run)) },
    {
      title: metric ? `Best ${metric}` : "Best",
      value: (run) => bestOf(run, metric),
      isMetric: true,
      className: "number",
    },
    { title: "Parameters", value: parametersOf, className: "parameters" },
  ];
}

function sortRuns(runs, { column, isDescending } = {}) {
  const { value } = columnsOf(mainMetric(runs))[column] ?? {};
  if (!value) {
    return runs;
  }
  const sorted = runs.toSorted((a, b) => compareValues(value(a), value(b)));
  return isDescending ? sorted.toReversed() : sorted;
}

/** What the table says of one run: its switch and colour, its columns, and the button that makes it the reference. */
function runRow(run, { columns, stroke, state, onChange, cellText }) {
  const isShown = !state.hidden.includes(run.key);
  const isPinned = state.pinned === run.key;
  const others = state.hidden.filter((key) => key !== run.key);
  const swatch = element("span", { className: "swatch" });
  swatch.style.borderTop = `3px ${stroke.dash.length > 0 ? "dashed" : "solid"} ${stroke.color}`;
  const box = element("input", {
    type: "checkbox",
    checked: isShown,
    onchange: () => onChange({ hidden: isShown ? [...others, run.key] : others }),
    "aria-label": `Show ${run.name}`,
  });
  const pin = element(
    "button",
    {
      "aria-pressed": String(isPinned),
      "aria-label": `Compare with ${run.name}`,
      title: isPinned ? "Compare with no run" : "Compare the others with this run",
      onclick: () => onChange({ pinned: isPinned ? undefined : run.key }),
    },
    isPinned ? "Reference" : "Pin",
  );
  const cells = columns.map((column) => {
    const text = cellText(run, column);
    return element("td", { className: column.className ?? "", title: text }, text);
  });
  const first = element("td", {}, box, " ", swatch);
  return element("tr", { className: isPinned ? "pinned" : "" }, first, ...cells, element("td", {}, pin));
}

function sortableHead({ title }, column, { state, onChange }) {
  const isSorted = state.sort?.column === column;
  const direction = isSorted ? (state.sort.isDescending ? "descending" : "ascending") : "none";
  const arrow = { ascending: " ▲", descending: " ▼", none: "" }[direction];
  const onclick = () => onChange({ sort: { column, isDescending: isSorted && !state.sort.isDescending } });
  return element("th", { "aria-sort": direction, scope: "col" }, element("button", { onclick }, title + arrow));
}

export function runsTable(runs, { state, strokes, onChange }) {
  const metric = mainMetric(runs);
  const columns = columnsOf(metric);
  const reference = runs.find(({ key }) => key === state.pinned);
  const cellText = (run, { value, show, isMetric }) => {
    const found = value(run);
    if (!isMetric || found === undefined) {
      return show ? show(run) : String(found ?? "");
    }
    const isCompared = reference !== undefined && reference !== run;
    return formatValue(found) + (isCompared ? differenceOf(found, bestOf(reference, metric)) : "");
  };
  const heads = columns.map((column, index) => sortableHead(column, index, { state, onChange }));
  const rows = sortRuns(runs, state.sort).map((run) =>
    runRow(run, { columns, stroke: strokes.get(run.key), state, onChange, cellText }),
  );
  const head = element("tr", {}, element("th", {}, "Show"), ...heads, element("th", {}, "Compare"));
  return element(
    "div",
    { className: "scroll" },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)),
  );
}

function differenceOf(value, reference) {
  if (value === undefined || reference === undefined) {
    return "";
  }
  const difference = value - reference;
  return ` (${difference >= 0 ? "+" : "−"}${formatValue(Math.abs(difference))})`;
}

export function valuesTable(runs) {
  const titles = ["Run", "Metric", "First", "Last", "Best", "Trend", "Notes"];
  const rows = runs.flatMap(({ name, summaries }) =>
    summaries.map(({ tag, first, last, best, trend, anomalies }) =>
      element(
        "tr",
        {},
        ...[name, tag, renderPoint(first), renderPoint(last), renderPoint(best), trend, anomalies.join(" ")].map(
          (text) => element("td", {}, text),
        ),
      ),
    ),
  );
  const head = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}

function renderPoint(found) {
  return found ? `${formatValue(found.value)} at ${formatValue(found.step)}` : "";
}

function compareValues(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""));
}
