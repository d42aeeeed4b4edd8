// One chart: the curves of one metric, of all shown runs. uPlot draws the axes and follows the pointer; the lines are ours.
import { tickOf } from "./curveAxis.js";
import {
  closestIndex,
  hintOf,
  nearestIndex,
  placeOfStep,
  pointsOf,
  rangeOf,
  ringedOf,
  sayCurve,
  sayPlace,
  spanOf,
  windowOf,
} from "./curveData.js";
import { Legend } from "./curveLegend.js";
import { drawCurve, drawLandmark, drawMoment } from "./curveLines.js";
import { drawMarks, momentsOf } from "./curveMarks.js";
import { plotOptions } from "./curvePlot.js";
import { nearestPlace, spreadOf, stretchOf, tickOfRuns } from "./curveSpread.js";
import { change, colorOf, dashOf, make, themeColor } from "./curveTheme.js";
import { hideTooltip, showTooltip } from "./curveTooltip.js";
import { meansOf } from "./runGroups.js";

const HEIGHT = 210;
const WIDE_HEIGHT = 420;
const LINE_WIDTH = 1.6;
const REFERENCE_WIDTH = 3;
/** Of a run behind the mean of its group. */
const MEMBER_WIDTH = 1;
const MEAN_WIDTH = 2.4;
const MIN_DRAG = 4;
const ZOOM_STEP = 0.5;

export class Chart {
  #plot;
  #shape = "";
  #curves = [];
  /** The means of the groups, where the runs are grouped. */
  #means = [];
  #described = [];
  #detail;
  #asked = "";
  #place;
  #splits = { x: [], y: [] };
  /** Where the runs stand of which each has one value; see `spreadOf`. */
  #spread;
  #focusedRun;
  #page;
  #marks = make("div", { className: "marks" });
  #body = make("div", { className: "plot", tabIndex: 0, role: "img" });
  #reset = make("button", { className: "icon", text: "⟲", title: "Reset Zoom (double-click, 0)", type: "button" });
  #expand = make("button", { className: "icon", text: "⤢", type: "button" });
  #hint = make("p", { className: "note", hidden: true });
  #legend;

  /** `page`: `view`, `redraw()`, `askDetail(tag, window)`, `hover(x, chart)`, `openMenu(…)`, `toggleRuns(ids)`, `say(text)`, `groups`. */
  constructor(tag, page) {
    this.tag = tag;
    this.#page = page;
    this.#legend = new Legend(page, (run) => this.#focus(run));
    this.#reset.setAttribute("aria-label", `Reset the zoom of ${tag}`);
    this.#reset.addEventListener("click", () => this.#zoom(undefined));
    this.#expand.addEventListener("click", () => this.#toggleWide());
    const head = make("header", {}, make("h2", { text: tag, title: tag }), this.#reset, this.#expand);
    const drawing = [this.#body, this.#marks, this.#hint];
    this.element = make("article", { "data-tag": tag }, head, ...drawing, this.#legend.element);
    this.#body.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight + - 0 Escape");
    this.#body.addEventListener("keydown", (event) => this.#press(event));
    this.#body.addEventListener("blur", () => this.#page.hover(undefined, this));
  }

  get isWide() {
    return this.#page.view.wide.includes(this.tag);
  }

  /** For an export: the canvas as it is drawn and the curves with their colours. */
  get picture() {
    const tickOfX = this.#spread ? tickOfRuns(this.#spread, this.#plot) : tickOf(this.#page.view.axis);
    const ticks = { x: this.#splits.x.map(tickOfX), y: this.#splits.y.map(tickOf("value")) };
    return {
      tag: this.tag,
      plot: this.#plot,
      curves: [...this.#curves, ...this.#means],
      rows: this.#legend.rows,
      ticks,
    };
  }

  /** Takes the curves it stands for, whether it is in sight or not. */
  show(curves) {
    this.#described = curves;
    this.element.classList.toggle("wide", this.isWide);
  }

  /** The legend, and what a screen reader says of the chart, which it reaches out of sight too. */
  drawTexts() {
    const verb = this.isWide ? "Shrink" : "Enlarge";
    change(this.#expand, "ariaLabel", `${verb} ${this.tag}`);
    change(this.#expand, "title", verb);
    change(this.#body, "ariaLabel", this.#described.map(({ run, series }) => sayCurve(run, series)).join("; "));
    const drawn = this.#curves.filter(({ points }) => points !== undefined);
    const hint = this.#spread?.hint ?? hintOf(drawn, this.#page.view.axis);
    this.#hint.hidden = hint === undefined;
    change(this.#hint, "textContent", hint ?? "");
    this.#legend.draw(this.#listed, this.#place);
  }

  /** `curves` are `{ run, series, index }`; `index` is the run's place among all, for its colour. */
  draw(curves, width) {
    this.#prepareAll(curves);
    this.#reset.hidden = this.#zoomed === undefined;
    this.#ensurePlot(width);
    this.#refresh();
    this.#askDetail();
  }

  /** The finer points of the stretch that the chart was zoomed to. */
  setDetail({ window, curves }) {
    if (this.#zoomed !== undefined) {
      this.#detail = { window, points: new Map(curves.map(({ runId, points }) => [runId, points])) };
      this.#prepareAll(this.#curves);
      this.#refresh();
      this.#legend.draw(this.#listed, this.#place);
    }
  }

  /** Shows the crosshair at a place that is pointed at in another chart. */
  showPlace(at) {
    // A step of another chart is no place among runs.
    const x = this.#spread === undefined ? at : undefined;
    this.#place = x;
    const left = x === undefined || !this.#plot ? -10 : this.#plot.valToPos(x, "x");
    this.#plot?.setCursor({ left: left >= 0 && left <= this.#plot.over.clientWidth ? left : -10, top: -10 }, false);
    this.#legend.draw(this.#listed, x);
  }

  destroy() {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#shape = "";
  }

  get #zoomed() {
    const zoom = this.#page.view.zooms[this.tag];
    return zoom?.axis === this.#page.view.axis && this.#spread === undefined ? zoom : undefined;
  }

  /** What the legend names. */
  get #listed() {
    return this.#means.length > 0 ? this.#means : this.#curves;
  }

  #prepareAll(curves) {
    // By the clock runs lie one behind the other, and have nothing in common to take a mean of.
    const groups = this.#page.view.axis === "wall" ? [] : this.#page.groups;
    this.#spread = spreadOf(curves, this.#page.view, groups);
    this.#curves = curves.map((curve) => this.#prepare(curve));
    this.#means = meansOf(this.#curves, groups).map((mean) => ({
      ...mean,
      color: colorOf(mean.index),
      dash: dashOf(mean.index),
      width: MEAN_WIDTH,
      isFaded: this.#focusedRun !== undefined && this.#focusedRun !== mean.run.id,
    }));
  }

  /** Runs of a group stand behind its mean until it is pointed at. */
  #isBehind({ id }) {
    const { groups } = this.#page;
    const focused = this.#means.find(({ run }) => run.id === this.#focusedRun)?.run.members ?? [this.#focusedRun];
    return this.#focusedRun === undefined ? groups.length > 0 : !focused.includes(id);
  }

  #prepare({ run, series, index }) {
    const { view, groups } = this.#page;
    const points = this.#pointsFor(run, series);
    return {
      run,
      series,
      index,
      points,
      ...this.#placesOf(run, points),
      color: colorOf(index),
      dash: dashOf(index),
      width: run.id === view.reference ? REFERENCE_WIDTH : groups.length > 0 ? MEMBER_WIDTH : LINE_WIDTH,
      isFaded: this.#isBehind(run),
    };
  }

  #placesOf(run, points) {
    if (points === undefined) {
      return { xs: [], ys: [] };
    }
    const place = this.#spread?.places.get(run.id);
    return place === undefined
      ? pointsOf(points, run.startedMs, this.#page.view.axis)
      : { xs: [place], ys: points.values };
  }

  #pointsFor(run, series) {
    return (this.#zoomed === undefined ? undefined : this.#detail?.points.get(run.id)) ?? series.points;
  }

  /** Where values were left out, those of the stretch in sight are asked for; while it grows, again. */
  #askDetail() {
    const zoom = this.#zoomed;
    if (zoom === undefined) {
      this.#detail = undefined;
      this.#asked = "";
      return;
    }
    const isThinned = this.#curves.some(
      ({ series }) => series.points && series.points.values.length < series.summary.count,
    );
    const counts = this.#curves.map(({ series }) => series.summary.count);
    const wanted = JSON.stringify([zoom, counts, this.#page.view.smoothing, this.#page.view.group]);
    if (isThinned && wanted !== this.#asked) {
      this.#asked = wanted;
      const starts = this.#curves.map(({ run }) => run.startedMs);
      this.#page.askDetail(this.tag, windowOf(zoom.axis, zoom.x, starts));
    }
  }

  #ensurePlot(width) {
    const { view } = this.#page;
    const height = this.isWide ? WIDE_HEIGHT : HEIGHT;
    // What a plot was made with cannot be changed.
    const shape = JSON.stringify([view.axis, view.isLog, view.theme, this.#spread?.names]);
    if (shape !== this.#shape) {
      this.#plot?.destroy();
      this.#plot = new uPlot(
        plotOptions(this.#page.view, {
          size: { width, height },
          spread: this.#spread,
          note: (name, splits) => this.#noteSplits(name, splits),
          leave: (handle) => this.#leave(handle),
          reset: () => this.#zoom(undefined),
          hooks: {
            draw: [(plot) => this.#paint(plot)],
            setCursor: [(plot) => this.#point(plot)],
            setSelect: [(plot) => this.#select(plot)],
          },
        }),
        [
          [0, 1],
          [0.1, 1],
        ],
        this.#body,
      );
      this.#shape = shape;
    }
    if (this.#plot.width !== width || this.#plot.height !== height) {
      this.#plot.setSize({ width, height });
    }
  }

  #refresh() {
    const { view } = this.#page;
    const zoom = this.#zoomed;
    const x = zoom?.x ?? (this.#spread ? stretchOf(this.#spread) : spanOf(this.#curves)) ?? [0, 1];
    const y = zoom?.y ?? rangeOf(this.#curves, x, view);
    this.#plot.batch(() => {
      this.#plot.setScale("x", { min: x[0], max: x[1] });
      this.#plot.setScale("y", { min: y[0], max: y[1] });
      this.#plot.redraw(false, true);
    });
  }

  /** After uPlot has drawn the axes: the lines, and what happened on their way. */
  #paint(plot) {
    const { view } = this.#page;
    const { left, top, width, height } = plot.bbox;
    plot.ctx.save();
    plot.ctx.beginPath();
    plot.ctx.rect(left, top, width, height);
    plot.ctx.clip();
    for (const curve of [...this.#curves, ...this.#means]) {
      drawCurve(plot, curve, view.isLog);
    }
    const marked = this.#spread ? [] : this.#curves;
    const moments = momentsOf(marked, view.axis);
    const warning = themeColor("--vscode-editorWarning-foreground");
    moments.forEach(({ x }) => drawMoment(plot, x, warning));
    plot.ctx.restore();
    // A ring at the edge is drawn whole.
    const ringed = ringedOf(this.#curves, view.reference, this.#spread ? 1 : undefined);
    for (const curve of this.#curves.filter(({ points, isFaded }) => points && !isFaded)) {
      this.#paintLandmarks(plot, curve, ringed.has(curve.run.id) || curve.run.id === this.#focusedRun);
    }
    for (const { xs, ys, smoothed, color } of this.#means) {
      drawLandmark(plot, { x: xs.at(-1), y: (smoothed ?? ys).at(-1), color, isBest: false });
    }
    drawMarks(this.#marks, plot, { curves: marked, moments, page: this.#page, body: this.#body });
  }

  #paintLandmarks(plot, { run, points, series, color, xs, ys, smoothed }, isRinged) {
    const { best } = series.summary;
    const { axis } = this.#page.view;
    if (best !== undefined && isRinged) {
      const at = { startedMs: run.startedMs, axis, value: best.value };
      const x = this.#spread ? xs[0] : placeOfStep(points, best.step, at);
      drawLandmark(plot, { x, y: best.value, color, isBest: true });
    }
    drawLandmark(plot, { x: xs.at(-1), y: (smoothed ?? ys).at(-1), color, isBest: false });
  }

  /** Where the axes are divided, for the pictures that are exported. */
  #noteSplits(name, splits) {
    this.#splits[name] = splits;
    return splits;
  }

  #leave(handle) {
    return (event) => {
      handle(event);
      this.#page.hover(undefined, this);
      return null;
    };
  }

  #point(plot) {
    const { left, top } = plot.cursor;
    if (left < 0 || top < 0) {
      return;
    }
    const x = plot.posToVal(left, "x");
    if (this.#spread === undefined) {
      this.#page.hover(x, this);
    }
    this.showAt(x, { left, top, isPointed: true });
  }

  /** All values at a place, in a box beside it; that of the curve which is pointed at stands out. */
  showAt(x, { left, top, isPointed = false }) {
    this.#place = x;
    const { view } = this.#page;
    if (this.#spread !== undefined) {
      return this.#showRunsAt(nearestPlace(this.#spread, x), { left, top });
    }
    const rows = this.#legend.draw(this.#listed, x);
    const nearest = rows.find(({ at }) => at !== undefined);
    const box = this.#plot.over.getBoundingClientRect();
    const title = nearest === undefined ? sayPlace(x, view.axis) : sayPlace(nearest.at, view.axis);
    const places = rows.map(({ number }) => this.#plot.valToPos(number, "y"));
    const pointed = isPointed && rows.length > 1 ? rows[closestIndex(places, top)] : undefined;
    const at = { left: box.left + left, top: box.top + top };
    showTooltip({ title, rows, pointed, ...at, smoothing: view.smoothing });
    return { title, rows };
  }

  /** The runs at a place among those of which each has one value. */
  #showRunsAt(place, { left, top }) {
    const here = this.#curves.filter(({ xs }) => xs[0] === place).map(({ run }) => run.id);
    const all = this.#legend.draw(this.#listed, undefined);
    const rows = all.filter(({ members }) => members.some((id) => here.includes(id)));
    const title = this.tag;
    const box = this.#plot.over.getBoundingClientRect();
    showTooltip({ title, rows, left: box.left + left, top: box.top + top, smoothing: 0 });
    return { title, rows };
  }

  #select(plot) {
    const { left, top, width, height } = plot.select;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (this.#spread !== undefined || (width < MIN_DRAG && height < MIN_DRAG)) {
      return;
    }
    const x = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    const y = [plot.posToVal(top + height, "y"), plot.posToVal(top, "y")];
    const kept = this.#zoomed;
    this.#zoom({
      axis: this.#page.view.axis,
      x: isAllOf(width, plot.over.clientWidth) ? (kept?.x ?? [plot.scales.x.min, plot.scales.x.max]) : x,
      y: isAllOf(height, plot.over.clientHeight) ? kept?.y : y,
    });
  }

  #zoom(zoom) {
    const { view } = this.#page;
    this.#detail = undefined;
    if (zoom === undefined) {
      delete view.zooms[this.tag];
    } else {
      view.zooms[this.tag] = zoom;
    }
    this.#page.redraw();
  }

  #toggleWide() {
    const { view } = this.#page;
    view.wide = this.isWide ? view.wide.filter((tag) => tag !== this.tag) : [...view.wide, this.tag];
    this.#page.redraw();
  }

  /** One run or group before the others, while its row of the legend is pointed at. */
  #focus(run) {
    this.#focusedRun = run;
    this.#prepareAll(this.#curves);
    this.#refresh();
  }

  #press(event) {
    const actions = {
      ArrowLeft: () => this.#walk(-1),
      ArrowRight: () => this.#walk(1),
      "+": () => this.#scale(ZOOM_STEP),
      "=": () => this.#scale(ZOOM_STEP),
      "-": () => this.#scale(1 / ZOOM_STEP),
      0: () => this.#zoom(undefined),
      Escape: () => this.#zoom(undefined),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  }

  /** To the next value of the curve that has the most in sight, which is said aloud. */
  #walk(direction) {
    const [main] = this.#curves.toSorted((a, b) => b.xs.length - a.xs.length);
    const xs = this.#spread ? [...this.#spread.names.keys()] : (main?.xs ?? []);
    if (xs.length === 0) {
      return;
    }
    const { min, max } = this.#plot.scales.x;
    const start = this.#place ?? (direction > 0 ? min : max);
    const index = nearestIndex(xs, start) + (this.#place === undefined ? 0 : direction);
    const x = xs[Math.max(0, Math.min(xs.length - 1, index))];
    const left = this.#plot.valToPos(Math.max(min, Math.min(max, x)), "x");
    this.#plot.setCursor({ left, top: -10 }, false);
    this.#page.hover(x, this);
    const { title, rows } = this.showAt(x, { left, top: this.#plot.over.clientHeight / 2 });
    this.#page.say([title, ...rows.map(({ label, value }) => `${label} ${value}`)].join(", "));
  }

  #scale(factor) {
    if (this.#spread !== undefined) {
      return;
    }
    const { min, max } = this.#plot.scales.x;
    const center = this.#place ?? (min + max) / 2;
    const x = [center - (center - min) * factor, center + (max - center) * factor];
    const [least, greatest] = spanOf(this.#curves.map((curve) => this.#whole(curve))) ?? x;
    const isAll = x[0] <= least && x[1] >= greatest;
    this.#zoom(isAll ? undefined : { axis: this.#page.view.axis, x, y: this.#zoomed?.y });
  }

  #whole({ run, series }) {
    return series.points ? pointsOf(series.points, run.startedMs, this.#page.view.axis) : { xs: [] };
  }
}

/** Whether a drag meant one direction only: it covers all of the other, or next to nothing. */
function isAllOf(length, all) {
  return length >= all - 1 || length < MIN_DRAG;
}

/** The page has been scrolled or left. */
export function forgetPlace() {
  hideTooltip();
}
