// Every curve in numbers: what a screen reader can read, and what can be compared by eye.
import { formatValue } from "./curveData.js";
import { make } from "./curveTheme.js";
import { compareNames } from "./nameOrder.js";

const COLUMNS = [
  { title: "Metric" },
  { title: "Run" },
  { title: "First", isNumber: true },
  { title: "Last", isNumber: true },
  { title: "Best", isNumber: true },
  { title: "At step", isNumber: true },
  { title: "Trend" },
  { title: "Values", isNumber: true },
];

/** The table that is shown, its rows by their names, and what stands in them. */
let drawn = { table: undefined, shape: "", texts: [] };

/** Rows that stay are kept: a selection, and the place of a screen reader, would be lost with every new value. */
export function drawSummary(holder, tags) {
  const rows = tags.flatMap(([tag, curves]) =>
    curves.toSorted((a, b) => compareNames(a.run.label, b.run.label)).map((curve) => textsOf(tag, curve)),
  );
  const shape = JSON.stringify(rows.map(([tag, run]) => [tag, run]));
  if (shape === drawn.shape && drawn.table?.parentElement === holder) {
    updateTexts(rows);
    return;
  }
  const head = make("tr", {}, ...COLUMNS.map((column) => cellOf("th", column, column.title)));
  const body = rows.map((texts) => make("tr", {}, ...COLUMNS.map((column, at) => cellOf("td", column, texts[at]))));
  const table = make("table", { className: "summary" }, make("thead", {}, head), make("tbody", {}, ...body));
  holder.replaceChildren(table);
  drawn = { table, shape, texts: rows };
}

function updateTexts(rows) {
  const { rows: elements } = drawn.table.tBodies[0];
  for (const [row, texts] of rows.entries()) {
    for (const [at, text] of texts.entries()) {
      if (text !== drawn.texts[row][at]) {
        elements[row].cells[at].textContent = text;
      }
    }
  }
  drawn.texts = rows;
}

function cellOf(name, { isNumber }, text) {
  const cell = make(name, { className: isNumber ? "number" : "", text });
  if (name === "th") {
    cell.scope = "col";
  }
  return cell;
}

function textsOf(tag, { run, series }) {
  const { first, last, best, trend, count, broken, superseded } = series.summary;
  const bad = broken ? ` (${broken.count} not finite, from step ${broken.firstStep})` : "";
  const replaced = superseded ? ` (${superseded.count} more superseded, from step ${superseded.fromStep})` : "";
  return [
    tag,
    run.label,
    sayValue(first),
    sayValue(last),
    sayValue(best?.value),
    String(best?.step ?? ""),
    trend === "too short to tell" ? "" : trend,
    count + bad + replaced,
  ];
}

function sayValue(value) {
  return value === undefined ? "" : Number.isFinite(value) ? formatValue(value) : String(value);
}
