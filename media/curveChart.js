// One chart: the curves of one metric, of all shown runs.
import { formatSeconds, formatValue, pointsOf, smooth } from "./curveData.js";

const COLORS = ["blue", "orange", "green", "red", "purple", "yellow"];
/** Beside the colour, so that curves can be told apart without it. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const HEIGHT = 220;
/** Buttons stand beside each other; of more checkpoints the newest have one. */
const MAX_MARKS = 40;
const MARK_HEIGHT = 14;
const RAW_ALPHA = 0.25;

export function colorOf(index) {
  return themeColor(`--vscode-charts-${COLORS[index % COLORS.length]}`) || themeColor("--vscode-foreground");
}

function dashOf(index) {
  return DASHES[Math.floor(index / COLORS.length) % DASHES.length];
}

function themeColor(name) {
  return getComputedStyle(document.body).getPropertyValue(name).trim();
}

export class Chart {
  #plot;
  #shape = "";
  #layers = [];
  #marked;
  #marks;
  #onCheckpoint;

  constructor(tag, onCheckpoint) {
    this.element = document.createElement("article");
    this.#onCheckpoint = onCheckpoint;
    const title = document.createElement("h2");
    title.textContent = tag;
    this.body = document.createElement("div");
    this.body.className = "plot";
    this.#marks = document.createElement("div");
    this.#marks.className = "marks";
    this.element.append(title, this.body, this.#marks);
  }

  /** `curves` are `{ run, series, index }`; `index` is the run's place among all, for its colour. */
  draw(curves, view, width) {
    this.body.setAttribute("role", "img");
    this.body.setAttribute("aria-label", curves.map(({ run, series }) => sayCurve(run, series)).join("; "));
    const drawn = curves.flatMap((curve) => layersOf(curve, view));
    this.#layers = drawn;
    this.#marked = { curves, view };
    const data = drawn.length === 1 ? drawn[0].data : uPlot.join(drawn.map(({ data: columns }) => columns));
    // What a plot was made with cannot be changed; new values alone only redraw it, and keep the zoom.
    const shape = JSON.stringify([drawn.map(({ key }) => key), view.axis, view.isLog, view.theme]);
    if (shape === this.#shape) {
      this.#plot.setData(data, isWhole(this.#plot));
    } else {
      this.#plot?.destroy();
      this.#plot = new uPlot(
        optionsOf(drawn, view, width, (plot) => this.#decorate(plot)),
        data,
        this.body,
      );
      this.#shape = shape;
    }
    if (this.#plot.width !== width) {
      this.#plot.setSize({ width, height: HEIGHT });
    }
  }

  destroy() {
    this.#plot?.destroy();
  }

  /** After each drawing, also of another stretch: where the best values and the checkpoints are. */
  #decorate(plot) {
    const { curves, view } = this.#marked;
    drawBest(plot, this.#layers, view);
    this.#drawMarks(plot, curves, view);
  }

  /** Checkpoints on the axis of steps, each a button. */
  #drawMarks(plot, curves, view) {
    const all = view.axis === "step" ? curves.flatMap(({ run }) => run.checkpoints) : [];
    const { min, max } = plot.scales.x;
    const steps = new Map(all.filter(({ step }) => step >= min && step <= max).map((mark) => [mark.step, mark]));
    const { over } = plot;
    const offset = over.offsetLeft;
    this.#marks.style.top = `${this.body.offsetTop + over.offsetTop + over.offsetHeight - MARK_HEIGHT}px`;
    this.#marks.replaceChildren(
      ...[...steps.values()].slice(0, MAX_MARKS).map((mark) => {
        const button = document.createElement("button");
        button.className = mark.isWhole ? "mark" : "mark torn";
        button.textContent = mark.isWhole ? "▲" : "△";
        button.title = `${mark.name} · step ${mark.step}${mark.isWhole ? "" : " · not whole"}`;
        button.setAttribute("aria-label", `Checkpoint ${button.title}`);
        button.style.left = `${offset + plot.valToPos(mark.step, "x")}px`;
        button.addEventListener("click", () => this.#onCheckpoint(mark.path));
        return button;
      }),
    );
  }
}

function sayCurve(run, { tag, summary }) {
  const best = summary.best ? `, best ${formatValue(summary.best.value)} at step ${summary.best.step}` : "";
  return `${tag} of ${run.title}: from ${formatValue(summary.first)} to ${formatValue(summary.last)}${best}`;
}

/** Whether all of the curve is in sight, which then goes on following it. */
function isWhole(plot) {
  const [xs] = plot.data;
  const { min, max } = plot.scales.x;
  return xs.length === 0 || (min <= xs[0] && max >= xs.at(-1));
}

/** The curve, and where it is smoothed its raw values faintly behind it. */
function layersOf({ run, series, index }, view) {
  const { xs, ys } = pointsOf(series, run.startedMs, view.axis);
  const positive = view.isLog ? ys.map((value) => (value !== null && value > 0 ? value : null)) : ys;
  const base = { label: run.label, color: colorOf(index), dash: dashOf(index), best: series.summary.best };
  if (view.smoothing === 0) {
    return [{ ...base, key: [run.id, index], data: [xs, positive] }];
  }
  return [
    { ...base, key: [run.id, index, "raw"], isRaw: true, data: [xs, positive] },
    { ...base, key: [run.id, index], data: [xs, smooth(positive, view.smoothing)] },
  ];
}

function optionsOf(layers, view, width, decorate) {
  const ink = themeColor("--vscode-foreground");
  const grid = { stroke: themeColor("--vscode-editorWidget-border") || themeColor("--vscode-panel-border"), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: `11px ${themeColor("--vscode-font-family")}` };
  const places = { step: undefined, relative: (_plot, splits) => splits.map(formatSeconds), wall: undefined };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: view.axis === "wall" }, y: { distr: view.isLog ? 3 : 1 } },
    axes: [
      { ...axis, ...(places[view.axis] ? { values: places[view.axis] } : {}) },
      { ...axis, size: 62, values: (_plot, splits) => splits.map(formatValue) },
    ],
    cursor: { drag: { x: true, y: false }, points: { size: 6 } },
    legend: { live: true },
    hooks: { draw: [decorate] },
    series: [
      { label: view.axis === "step" ? "step" : "time", value: (_plot, x) => sayPlace(x, view.axis) },
      ...layers.map((layer) => ({
        label: layer.label,
        ...(layer.isRaw ? { class: "raw" } : {}),
        stroke: layer.color,
        alpha: layer.isRaw ? RAW_ALPHA : 1,
        width: 1.5,
        dash: layer.dash,
        points: { show: (plot, _index, from, until) => until - from < 60 && plot.width > 0, size: 4 },
        value: (_plot, value) => formatValue(value) || "–",
      })),
    ],
  };
}

function sayPlace(x, axis) {
  if (typeof x !== "number") {
    return "–";
  }
  return axis === "step" ? String(x) : axis === "relative" ? formatSeconds(x) : new Date(x * 1000).toLocaleTimeString();
}

/** A ring around the best value of each curve. */
function drawBest(plot, layers, view) {
  if (view.axis !== "step") {
    return;
  }
  for (const { best, color, isRaw } of layers) {
    if (best === undefined || isRaw) {
      continue;
    }
    const [x, y] = [plot.valToPos(best.step, "x", true), plot.valToPos(best.value, "y", true)];
    const { left, top, width, height } = plot.bbox;
    if (x < left || x > left + width || y < top || y > top + height) {
      continue;
    }
    plot.ctx.beginPath();
    plot.ctx.strokeStyle = color;
    plot.ctx.lineWidth = 2;
    plot.ctx.arc(x, y, 6 * devicePixelRatio, 0, 2 * Math.PI);
    plot.ctx.stroke();
  }
}
