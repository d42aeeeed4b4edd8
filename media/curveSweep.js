// Runs by their hyper-parameters against a metric: parallel coordinates, and one parameter against it.
import { formatDifference, formatValue, shortenParameter } from "./curveData.js";
import { make, themeColor } from "./curveTheme.js";
import { hideTooltip, showTooltip } from "./curveTooltip.js";
import { correlationOf, goodnessOf, MIN_SWEEP_RUNS, sweepOf } from "./sweepData.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 320;
const MARGIN = { top: 34, bottom: 20, side: 70 };
/** Axes that stand closer cannot be read; where there is less room, the picture is scrolled. */
const MIN_AXIS_GAP = 104;
const SCATTER = { width: 420, height: 280, bottom: 40, top: 14, right: 24 };
/** What a character of a tick or a name takes at most. */
const CHARACTER = 7;
const MAX_TICK_CHARACTERS = 14;

/** The picture that is shown, by what it shows, and the choice above it. */
let drawn = { shape: "", bar: undefined };

/** `runs`: those that are shown; `tags`: every metric, the deciding ones first. */
export function drawSweep(holder, { runs, tags, metric, page, knownRuns, maxRuns }) {
  const { view } = page;
  const sweep = metric === undefined ? undefined : sweepOf(runs, metric);
  if (!sweep?.isEnough) {
    holder.replaceChildren(...sayTooFew(runs, { knownRuns, maxRuns, page }));
    return;
  }
  const width = Math.max(holder.clientWidth - 4, (sweep.axes.length - 1) * MIN_AXIS_GAP + 2 * MARGIN.side);
  const shape = JSON.stringify([
    sweep.lines.map(({ run, values }) => [run.id, run.label, run.index, run.state, values]),
    [metric, tags, view.reference, view.theme, width],
  ]);
  const isShown = drawn.bar !== undefined && drawn.bar.parentElement === holder;
  if (isShown && drawn.shape === shape) {
    return;
  }
  const choices = JSON.stringify([metric, tags]);
  // With every value of a run that goes on the picture is drawn anew; a list that is open must not close for it.
  const bar = isShown && drawn.bar.dataset.choices === choices ? drawn.bar : metricBar(tags, metric, page);
  bar.dataset.choices = choices;
  drawn = { shape, bar };
  const best = sweep.lines.toSorted((a, b) => goodnessOf(sweep)(b) - goodnessOf(sweep)(a))[0];
  const said = `Best ${metric}: ${formatValue(best.value)} by ${best.run.label} with ${sayParameters(sweep, best)}.`;
  const focused = document.activeElement?.dataset?.key;
  const picture = make("div", { className: "scrolled" }, parallel(sweep, width, page));
  const content = [make("p", { className: "note", text: said }), picture, scatters(sweep, page)];
  if (bar.parentElement === holder) {
    [...holder.children].forEach((element) => element !== bar && element.remove());
    holder.append(...content);
  } else {
    holder.replaceChildren(bar, ...content);
  }
  if (focused !== undefined) {
    [...holder.querySelectorAll("[data-key]")].find(({ dataset }) => dataset.key === focused)?.focus();
  }
}

function metricBar(tags, metric, page) {
  return make(
    "div",
    { className: "bar" },
    picker("Metric", tags, metric, (tag) => choose(page, "metric", tag)),
  );
}

function sayTooFew(runs, { knownRuns, maxRuns, page }) {
  const text = `A sweep compares at least ${MIN_SWEEP_RUNS} runs that have the metric and differ in an argument; ${runs.length} ${runs.length === 1 ? "is" : "are"} shown.`;
  const all = knownRuns > maxRuns ? `Show the Newest ${maxRuns} of ${knownRuns} Runs` : `Show All ${knownRuns} Runs`;
  const more = make("button", { type: "button", text: all });
  more.addEventListener("click", () => page.send({ kind: "show-all-runs" }));
  return [make("p", { className: "empty", text }), ...(knownRuns > runs.length ? [more] : [])];
}

function sayParameters({ axes }, { values }) {
  return axes
    .slice(0, -1)
    .map(({ name }, at) => `${name} ${shortenParameter(values[at] ?? "not set")}`)
    .join(", ");
}

function choose(page, key, value) {
  page.view[key] = value;
  page.redraw();
}

function picker(title, options, chosen, onChange) {
  const select = make(
    "select",
    {},
    ...options.map((value) => make("option", { value, text: value, selected: value === chosen })),
  );
  select.addEventListener("change", () => onChange(select.value));
  return make("label", {}, document.createTextNode(`${title} `), select);
}

/** `color` is set as a property, since the page may not use styles that are written out. */
function svg(name, { color, ...attributes }, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  element.style.color = color ?? "";
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/** Between the two ends of a scale that works in light and dark themes and without red and green. */
function shade(goodness) {
  const [bad, good] = [themeColor("--vscode-charts-orange"), themeColor("--vscode-charts-blue")];
  return `color-mix(in oklab, ${good} ${Math.round(goodness * 100)}%, ${bad})`;
}

function parallel(sweep, width, page) {
  const goodness = goodnessOf(sweep);
  const { axes, lines } = sweep;
  const gap = (width - 2 * MARGIN.side) / Math.max(1, axes.length - 1);
  const toX = (at) => MARGIN.side + at * gap;
  const toY = (place) => MARGIN.top + (1 - (place ?? -0.04)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const polylines = lines.map((line) => {
    const points = line.places.map((place, at) => `${toX(at)},${toY(place)}`).join(" ");
    const path = svg("polyline", { points, class: "line", color: shade(goodness(line)) });
    return interactive(path, line, sweep, { page, key: `line ${line.run.id}` });
  });
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    width,
    height: HEIGHT,
    class: "parallel",
    role: "group",
  });
  picture.setAttribute("aria-label", `Parallel coordinates of ${lines.length} runs against ${sweep.metric}`);
  picture.append(...polylines, ...axes.map((axis, at) => parallelAxis(axis, toX(at), { toY, gap })));
  return picture;
}

function parallelAxis({ name, ticks, kind }, x, { toY, gap }) {
  const marks = ticks.map(({ value, place }) => label(sayTick(value), { x: x + 6, y: toY(place) + 4, class: "tick" }));
  const whole = kind === "log" ? `${name} (log)` : name;
  const title = label(whole, { x, y: 16, class: "axis-name" }, Math.floor(gap / CHARACTER));
  return svg("g", {}, svg("line", { x1: x, x2: x, y1: toY(0), y2: toY(1), class: "axis" }), ...marks, title);
}

/** A text with as many characters as there is room for; the whole of it is its tooltip. */
function label(text, attributes, room = MAX_TICK_CHARACTERS) {
  const shown = text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
  return svg("text", attributes, shown, ...(shown === text ? [] : [svg("title", {}, text)]));
}

/** A line or a dot that says what it is, and makes its run the reference when it is clicked. `key` finds it when it was drawn anew. */
function interactive(element, line, sweep, { page, key }) {
  element.dataset.key = key;
  const { run, value } = line;
  const text = `${run.label}: ${sweep.metric} ${formatValue(value)} with ${sayParameters(sweep, line)}`;
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", text);
  element.classList.toggle("reference", page.view.reference === run.id);
  const show = ({ left, top }) => {
    const rows = sweep.axes.map(({ name }, at) => ({
      index: run.index,
      label: name,
      value: shortenParameter(line.values[at] ?? "–"),
    }));
    showTooltip({ title: `${run.label} · ${run.state}`, rows, left, top, smoothing: 0 });
  };
  const pin = () => choose(page, "reference", page.view.reference === run.id ? undefined : run.id);
  element.addEventListener("pointermove", ({ clientX, clientY }) => show({ left: clientX, top: clientY }));
  element.addEventListener("pointerleave", hideTooltip);
  element.addEventListener("focus", () => show(element.getBoundingClientRect()));
  element.addEventListener("blur", hideTooltip);
  element.addEventListener("click", pin);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      pin();
    }
  });
  return element;
}

function sayTick(value) {
  return typeof value === "number" ? formatValue(value) : value;
}

function scatters(sweep, page) {
  const each = sweep.axes.slice(0, -1).map((axis, at) => scatter(sweep, axis, at, page));
  return make("div", { className: "scatters" }, ...each);
}

function scatter(sweep, axis, at, page) {
  const { width, height, bottom, top, right } = SCATTER;
  const result = sweep.axes.at(-1);
  const left = 24 + CHARACTER * Math.max(...result.ticks.map(({ value }) => sayTick(value).length));
  const toX = (place) => left + place * (width - left - right);
  const toY = (place) => height - bottom - place * (height - top - bottom);
  const goodness = goodnessOf(sweep);
  const dots = sweep.lines
    .filter(({ places }) => places[at] !== undefined)
    .map((line) => {
      const shape = {
        cx: toX(line.places[at]),
        cy: toY(line.places.at(-1)),
        r: 5,
        class: "dot",
        color: shade(goodness(line)),
      };
      return interactive(svg("circle", shape), line, sweep, { page, key: `dot ${axis.name} ${line.run.id}` });
    });
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "group",
    "aria-label": `${axis.name} against ${sweep.metric}`,
  });
  picture.append(
    svg("line", { x1: left, x2: width - right, y1: height - bottom + 8, y2: height - bottom + 8, class: "axis" }),
    svg("line", { x1: left - 8, x2: left - 8, y1: top, y2: height - bottom, class: "axis" }),
    ...axis.ticks.map(({ value, place }) =>
      // The last one ends where the picture does.
      place > 0.9
        ? label(sayTick(value), { x: toX(place) + 12, y: height - bottom + 24, class: "tick end" })
        : label(sayTick(value), { x: toX(place), y: height - bottom + 24, class: "tick middle" }),
    ),
    ...result.ticks.map(({ value, place }) =>
      svg("text", { x: left - 12, y: toY(place) + 4, class: "tick end" }, sayTick(value)),
    ),
    ...dots,
  );
  const correlation = correlationOf(sweep.lines, at);
  const note =
    correlation === undefined ? "" : ` · rank correlation ${formatDifference(Number(correlation.toFixed(2)))}`;
  return make(
    "article",
    {},
    make("header", {}, make("h2", { text: `${axis.name}${axis.kind === "log" ? " (log)" : ""}${note}` })),
    picture,
  );
}
