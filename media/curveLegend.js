// The legend of one chart: a row for each run with its value at the pointer, or its last, and its best.
import { formatDifference, formatValue, nearestIndex, shortenName } from "./curveData.js";
import { change, make, swatchOf } from "./curveTheme.js";
import { byColumn } from "./nameOrder.js";

const COLUMNS = [
  { key: "label", title: "Run" },
  { key: "number", title: "Value" },
  { key: "best", title: "Best" },
];

export class Legend {
  #page;
  #onFocus;
  #body = make("tbody");
  #drawn = "";
  #shape = "";
  rows = [];

  constructor(page, onFocus) {
    this.#page = page;
    this.#onFocus = onFocus;
    this.element = make("table", { className: "legend" }, this.#body);
    this.#body.addEventListener("pointerleave", () => this.#setFocus(undefined));
    this.#body.addEventListener("pointerover", ({ target }) => this.#setFocus(target.closest("tr")?.dataset.run));
    this.#body.addEventListener("click", ({ target }) => {
      const run = target.closest("button.sort") ? undefined : target.closest("tr")?.dataset.run;
      const row = this.rows.find((each) => each.run === run);
      if (row !== undefined) {
        this.#page.toggleRuns(row.members);
      }
    });
  }

  #focused;

  #setFocus(run) {
    if (run !== this.#focused) {
      this.#focused = run;
      this.#onFocus(run);
    }
  }

  /** Gives the rows as they are sorted. `x` is where the pointer is; without it the last values stand. */
  draw(curves, x) {
    const { view } = this.#page;
    const reference = curves.find(({ run }) => run.id === view.reference);
    const base = reference && valueAt(reference, x);
    this.rows = curves
      .map((curve) => rowOf(curve, x, curve === reference ? undefined : base))
      .toSorted(byColumn(view.legendSort));
    const drawn = JSON.stringify([this.rows, view.legendSort, view.theme]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const shape = JSON.stringify([this.rows.map(({ run, notes }) => [run, notes]), view.legendSort, view.theme]);
      if (shape === this.#shape) {
        this.#update();
      } else {
        this.#shape = shape;
        this.#show(curves.length > 1);
      }
    }
    return this.rows;
  }

  /** Other numbers in the same rows. */
  #update() {
    const rows = this.#body.querySelectorAll("tr[data-run]");
    this.rows.forEach(({ value, bestText }, at) => {
      const [, , number, best] = rows[at].cells;
      change(number, "textContent", value);
      change(best, "textContent", bestText);
    });
  }

  #show(isSortable) {
    const head = isSortable ? [make("tr", {}, make("th"), ...COLUMNS.map((column) => this.#head(column)))] : [];
    this.#body.replaceChildren(...head, ...this.rows.map((row) => renderRow(row)));
  }

  #head({ key, title }) {
    const { view } = this.#page;
    const isSorted = view.legendSort.key === key;
    const arrow = isSorted ? (view.legendSort.isDescending ? " ↓" : " ↑") : "";
    const button = make("button", { className: "sort", type: "button", text: `${title}${arrow}` });
    button.setAttribute("aria-label", `Sort by ${title.toLowerCase()}`);
    button.addEventListener("click", () => {
      view.legendSort = { key, isDescending: isSorted && !view.legendSort.isDescending };
      this.#page.redraw();
    });
    const state = view.legendSort.isDescending ? "descending" : "ascending";
    return make("th", { scope: "col", "aria-sort": isSorted ? state : "none" }, button);
  }
}

function renderRow(row) {
  const cells = [
    make("td", {}, swatchOf(row.index)),
    make("td", { className: "name", text: shortenName(row.label), ariaLabel: row.label, title: row.title }),
    make("td", { className: "number", text: row.value }),
    make("td", { className: "number quiet", text: row.bestText }),
  ];
  const warning = row.warning === "" ? [] : [make("td", { className: "warning", text: row.warning })];
  const title = [row.title, ...row.notes, "Click to hide"].join("\n");
  return make("tr", { "data-run": row.run, title }, ...cells, ...warning);
}

function rowOf(curve, x, base) {
  const { run, series, index } = curve;
  const { best, broken, last } = series.summary;
  const found = valueAt(curve, x);
  const number = found?.value ?? (x === undefined ? last : Number.NaN);
  return {
    run: run.id,
    members: run.members ?? [run.id],
    index,
    label: run.label,
    title: `${run.title} · ${run.description}`,
    at: found?.at,
    number,
    value: sayNumber(number),
    raw: sayNumber(found?.raw),
    best: best?.value ?? Number.NaN,
    bestText: best === undefined ? "" : `best ${formatValue(best.value)} at ${best.step}`,
    difference: base === undefined ? undefined : formatDifference(number - base.value),
    warning: broken === undefined ? "" : `⚠ ${broken.count} not finite`,
    notes: notesOf(series.summary),
  };
}

function notesOf({ broken, superseded }) {
  return [
    ...(broken === undefined ? [] : [`${broken.count} × NaN or infinite, first at step ${broken.firstStep}`]),
    ...(superseded === undefined
      ? []
      : [`The steps went back to ${superseded.fromStep}: ${superseded.count} earlier values are not drawn`]),
  ];
}

function sayNumber(value) {
  return value === undefined ? "" : Number.isFinite(value) ? formatValue(value) : "–";
}

/** The value nearest to a place; nothing where the curve has none there. */
function valueAt({ xs, ys, smoothed }, x) {
  const index = x === undefined ? xs.length - 1 : nearestIndex(xs, x);
  if (index < 0 || (x !== undefined && isBeyond(xs, x))) {
    return undefined;
  }
  return { at: xs[index], value: (smoothed ?? ys)[index], raw: ys[index] };
}

/** A run that ended before a place has no value there. */
function isBeyond(xs, x) {
  const slack = (xs.at(-1) - xs[0]) / Math.max(1, xs.length);
  return x > xs.at(-1) + slack || x < xs[0] - slack;
}
