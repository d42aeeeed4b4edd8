// Runs by their hyper-parameters against a metric: parallel coordinates, and one parameter against it.
import { formatValue } from "./curveData.js";
import { make, themeColor } from "./curveTheme.js";
import { hideTooltip, showTooltip } from "./curveTooltip.js";
import { correlationOf, goodnessOf, MIN_SWEEP_RUNS, sweepOf } from "./sweepData.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 320;
const MARGIN = { top: 34, bottom: 20, side: 70 };
const SCATTER = { width: 420, height: 280, left: 60, bottom: 40, top: 14, right: 16 };

/** `runs`: those that are shown; `tags`: every metric, the deciding ones first. */
export function drawSweep(holder, { runs, tags, page, knownRuns }) {
  const { view } = page;
  const metric = tags.includes(view.metric) ? view.metric : tags[0];
  const sweep = metric === undefined ? undefined : sweepOf(runs, metric);
  if (!sweep?.isEnough) {
    holder.replaceChildren(...sayTooFew(runs, knownRuns, page));
    return;
  }
  const best = sweep.lines.toSorted((a, b) => goodnessOf(sweep)(b) - goodnessOf(sweep)(a))[0];
  const said = `Best ${metric}: ${formatValue(best.value)} by ${best.run.label} with ${sayParameters(sweep, best)}.`;
  holder.replaceChildren(
    make(
      "div",
      { className: "bar" },
      picker("Metric", tags, metric, (tag) => choose(page, "metric", tag)),
    ),
    make("p", { className: "note", text: said }),
    parallel(sweep, holder.clientWidth, page),
    scatters(sweep, page),
  );
}

function sayTooFew(runs, knownRuns, page) {
  const text = `A sweep compares at least ${MIN_SWEEP_RUNS} runs that have the metric and differ in an argument; ${runs.length} ${runs.length === 1 ? "is" : "are"} shown.`;
  const more = make("button", { type: "button", text: `Show All ${knownRuns} Runs` });
  more.addEventListener("click", () => page.send({ kind: "show-all-runs" }));
  return [make("p", { className: "empty", text }), ...(knownRuns > runs.length ? [more] : [])];
}

function sayParameters({ axes }, { values }) {
  return axes
    .slice(0, -1)
    .map(({ name }, at) => `${name} ${values[at] ?? "not set"}`)
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

function parallel(sweep, room, page) {
  const width = Math.max(360, room - 4);
  const goodness = goodnessOf(sweep);
  const { axes, lines } = sweep;
  const toX = (at) => MARGIN.side + (at / Math.max(1, axes.length - 1)) * (width - 2 * MARGIN.side);
  const toY = (place) => MARGIN.top + (1 - (place ?? -0.04)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const drawn = lines.map((line) => {
    const points = line.places.map((place, at) => `${toX(at)},${toY(place)}`).join(" ");
    const path = svg("polyline", { points, class: "line", color: shade(goodness(line)) });
    return interactive(path, line, sweep, page);
  });
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    width,
    height: HEIGHT,
    class: "parallel",
    role: "group",
  });
  picture.setAttribute("aria-label", `Parallel coordinates of ${lines.length} runs against ${sweep.metric}`);
  picture.append(...drawn, ...axes.map((axis, at) => parallelAxis(axis, toX(at), toY)));
  return picture;
}

function parallelAxis({ name, ticks, kind }, x, toY) {
  const marks = ticks.map(({ value, place }) =>
    svg("text", { x: x + 6, y: toY(place) + 4, class: "tick" }, sayTick(value)),
  );
  const title = svg("text", { x, y: 16, class: "axis-name" }, kind === "log" ? `${name} (log)` : name);
  return svg("g", {}, svg("line", { x1: x, x2: x, y1: toY(0), y2: toY(1), class: "axis" }), ...marks, title);
}

/** A line or a dot that says what it is, and makes its run the reference when it is clicked. */
function interactive(element, line, sweep, page) {
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
      value: String(line.values[at] ?? "–"),
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
  const { width, height, left, bottom, top, right } = SCATTER;
  const result = sweep.axes.at(-1);
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
      return interactive(svg("circle", shape), line, sweep, page);
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
      svg("text", { x: toX(place), y: height - bottom + 24, class: "tick middle" }, sayTick(value)),
    ),
    ...result.ticks.map(({ value, place }) =>
      svg("text", { x: left - 12, y: toY(place) + 4, class: "tick end" }, sayTick(value)),
    ),
    ...dots,
  );
  const correlation = correlationOf(sweep.lines, at);
  const note = correlation === undefined ? "" : ` · rank correlation ${correlation.toFixed(2)}`;
  return make(
    "article",
    {},
    make("header", {}, make("h3", { text: `${axis.name}${axis.kind === "log" ? " (log)" : ""}${note}` })),
    picture,
  );
}
