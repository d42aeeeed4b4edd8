// The table of runs: which are shown, how they stand, what they were started with, and how they differ from one of them.
import { shortenName } from "./curveData.js";
import { change, make, swatchOf } from "./curveTheme.js";
import { parametersOf, rowsOf } from "./runRows.js";

/** More columns are not compared by eye; the rest is in the tooltip of a row. */
const MAX_SAME = 4;

/** The columns that a narrow panel does without. */
const SHED = new Set(["state", "duration"]);

let drawn = "";

/** `tags`: every metric, the deciding ones first; `metric`: the one that is compared. Keeps the focus where it was. */
export function drawRuns(holder, { runs, tags, metric, page }) {
  const { view } = page;
  const focused = document.activeElement?.dataset.key;
  const rows = rowsOf(runs, {
    metric,
    reference: view.reference,
    filter: view.runFilter,
    sort: view.runSort,
    now: Date.now(),
  });
  const columns = columnsOf(runs, metric, view.reference);
  // The page is drawn with every new value: a table with the same rows stays, and gets the texts that changed.
  const shape = JSON.stringify([
    rows.map(({ run }) => [run.id, run.label, run.index, run.state]),
    columns,
    view.hidden,
    view.reference,
    view.runSort,
    view.theme,
    tags,
  ]);
  if (shape === drawn) {
    updateRows(holder, rows, columns);
    return;
  }
  drawn = shape;
  const table = make("table", { className: "runs" });
  const head = make(
    "tr",
    {},
    make("th", {}, allBox(rows, page)),
    make("th", { scope: "col" }, make("span", { className: "unseen", text: "Reference" })),
    ...columns.map((column) => headOf(column, tags, metric, page)),
  );
  table.append(make("thead", {}, head), make("tbody", {}, ...rows.map((row) => rowOf(row, columns, page))));
  holder.replaceChildren(
    table,
    ...(rows.length === 0 ? [make("p", { className: "empty", text: "No run matches the filter." })] : []),
  );
  if (focused !== undefined) {
    [...holder.querySelectorAll("[data-key]")].find(({ dataset }) => dataset.key === focused)?.focus();
  }
}

/** Offers the hyper-parameters that differ to group the runs by. The picker stays, and with it the focus. */
export function drawGrouping(label, picker, { runs, page }) {
  const names = parametersOf(runs).varied;
  label.hidden = names.length === 0;
  const options = ["", ...names].map((value) => make("option", { value, text: value || "nothing" }));
  if (picker.options.length !== options.length || options.some(({ value }, at) => picker.options[at].value !== value)) {
    picker.replaceChildren(...options);
  }
  change(picker, "value", names.includes(page.view.group) ? page.view.group : "");
}

function updateRows(holder, rows, columns) {
  const elements = holder.querySelectorAll("tr.run");
  for (const [at, { run, cells }] of rows.entries()) {
    const element = elements[at];
    change(element, "title", tooltipOf(run));
    const texts = [...element.cells].slice(-columns.length);
    for (const [index, column] of columns.entries()) {
      if (column.key !== "name") {
        change(texts[index], "textContent", cells[column.key].text);
        change(texts[index], "className", classOf(cells[column.key], column));
      }
    }
  }
}

function columnsOf(runs, metric, reference) {
  const { varied, same } = parametersOf(runs);
  const parameters = [...varied, ...same.slice(0, runs.length > 1 ? 0 : MAX_SAME)];
  return [
    { key: "name", title: "Run" },
    { key: "state", title: "Status" },
    { key: "duration", title: "Duration", isNumber: true },
    ...(metric === undefined ? [] : [{ key: "metric", title: metric, isNumber: true }]),
    ...(reference === undefined || runs.length < 2 ? [] : [{ key: "difference", title: "Difference", isNumber: true }]),
    ...parameters.map((name) => ({ key: `parameter:${name}`, title: name, isNumber: true })),
  ];
}

function headOf({ key, title, isNumber }, tags, metric, page) {
  const { view } = page;
  const { runSort } = view;
  const isSorted = runSort.key === key;
  const arrow = isSorted ? (runSort.isDescending ? " ↓" : " ↑") : "";
  const isMetric = key === "metric";
  const button = make("button", { className: "sort", type: "button", text: `${isMetric ? "Best" : title}${arrow}` });
  button.dataset.key = `sort ${key}`;
  button.setAttribute("aria-label", `Sort by ${isMetric ? `best ${title}` : title}`);
  button.addEventListener("click", () => {
    view.runSort = { key, isDescending: isSorted ? !runSort.isDescending : isMetric };
    page.redraw();
  });
  const state = runSort.isDescending ? "descending" : "ascending";
  const properties = {
    scope: "col",
    "aria-sort": isSorted ? state : "none",
    className: classOf({}, { key, isNumber }),
  };
  return make("th", properties, button, ...(isMetric ? [metricPicker(tags, metric, page)] : []));
}

function metricPicker(tags, metric, page) {
  const options = tags.map((tag) => make("option", { value: tag, text: tag, selected: tag === metric }));
  const picker = make("select", {}, ...options);
  picker.dataset.key = "metric";
  picker.setAttribute("aria-label", "Metric of the table");
  picker.addEventListener("change", () => {
    page.view.metric = picker.value;
    page.redraw();
  });
  return picker;
}

/** Shows or hides the runs of the table, of which a filter may have left some. */
function allBox(rows, page) {
  const { view } = page;
  const ids = rows.map(({ run }) => run.id);
  const shown = ids.filter((id) => !view.hidden.includes(id)).length;
  const box = make("input", {
    type: "checkbox",
    checked: shown === ids.length,
    indeterminate: shown > 0 && shown < ids.length,
  });
  box.dataset.key = "all";
  box.setAttribute("aria-label", view.runFilter.trim() === "" ? "Show all runs" : "Show all runs of the filter");
  box.addEventListener("change", () => {
    const others = view.hidden.filter((id) => !ids.includes(id));
    view.hidden = box.checked ? others : [...others, ...ids];
    page.redraw();
  });
  return box;
}

function rowOf({ run, cells }, columns, page) {
  const { view } = page;
  const box = make("input", { type: "checkbox", checked: !view.hidden.includes(run.id) });
  box.dataset.key = `show ${run.id}`;
  box.setAttribute("aria-label", `Show ${run.label}`);
  box.addEventListener("change", () => page.toggleRuns([run.id]));
  const shown = columns.map((column) => cellOf(cells[column.key], column, run));
  return make(
    "tr",
    { className: `run ${run.state}`, title: tooltipOf(run) },
    make("td", {}, box),
    make("td", {}, pinOf(run, page)),
    ...shown,
  );
}

function cellOf(cell, column, run) {
  return column.key === "name"
    ? make("td", { className: "name", ariaLabel: cell.text }, swatchOf(run.index), ` ${shortenName(cell.text)}`)
    : make("td", { className: classOf(cell, column), text: cell.text });
}

function classOf({ verdict }, { key, isNumber }) {
  return [SHED.has(key) ? key : "", isNumber ? "number" : "", verdict ?? ""].join(" ").trim();
}

/** The run that the others are compared with. */
function pinOf(run, page) {
  const { view } = page;
  const isPinned = view.reference === run.id;
  const pin = make("button", { className: "icon pin", type: "button", text: isPinned ? "★" : "☆" });
  pin.dataset.key = `pin ${run.id}`;
  pin.title = isPinned ? "No longer the reference" : "Compare the others with this run";
  pin.setAttribute("aria-label", `${run.label} as reference`);
  pin.setAttribute("aria-pressed", String(isPinned));
  pin.addEventListener("click", () => {
    view.reference = isPinned ? undefined : run.id;
    page.redraw();
  });
  return pin;
}

function tooltipOf({ title, id, description, parameters, source }) {
  const words = Object.entries(parameters).map(([name, value]) => `${name} = ${value}`);
  return [title, id, description, `from ${source}`, ...words].join("\n");
}
