// One chart for each metric, with a curve for each run.
const HEIGHT = 240;

/** Four significant digits, as the extension writes values. */
export function formatValue(value) {
  return value === null || value === undefined
    ? "–"
    : Number.isFinite(value)
      ? String(Number(value.toPrecision(4)))
      : String(value);
}

function formatAxis(axis, x) {
  if (axis === "wall") {
    return new Date(x * 1000).toLocaleTimeString();
  }
  return axis === "relative" ? `${formatValue(x)} s` : formatValue(x);
}

function finiteOrGap(column) {
  return Array.from(column, (value) => (Number.isFinite(value) ? value : null));
}

/** uPlot wants one column of places for all curves of a chart; a logarithm has no place for zero and below. */
function joined(curves, isLog) {
  const columns = uPlot.join(
    curves.map(({ points }) => [Array.from(points.x), finiteOrGap(points.smoothed)]),
    // A gap that a run itself has stays one; places of other runs make none.
    curves.map(() => [0, 1]),
  );
  return columns.map((column, index) =>
    isLog && index > 0 ? column.map((value) => (value === undefined || value > 0 ? value : null)) : column,
  );
}

/** The last value of each curve as a dot, the best as a ring. */
function drawEnds(plot, curves, axis) {
  const { ctx } = plot;
  ctx.save();
  curves.forEach(({ points, summary, stroke }, index) => {
    if (!plot.series[index + 1].show) {
      return;
    }
    const ring = (x, y, isFilled) => {
      const [left, top] = [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
      const { bbox } = plot;
      const isInside =
        left >= bbox.left - 1 && left <= bbox.left + bbox.width + 1 && top >= bbox.top && top <= bbox.top + bbox.height;
      if (isInside) {
        ctx.beginPath();
        ctx.arc(left, top, (isFilled ? 3 : 5) * devicePixelRatio, 0, 2 * Math.PI);
        ctx.strokeStyle = stroke.color;
        ctx.fillStyle = stroke.color;
        ctx.lineWidth = 2 * devicePixelRatio;
        ctx[isFilled ? "fill" : "stroke"]();
      }
    };
    const last = points.x.length - 1;
    if (last >= 0) {
      ring(points.x[last], points.smoothed[last], true);
    }
    if (summary?.best && axis === "step") {
      ring(summary.best.step, summary.best.value, false);
    }
  });
  ctx.restore();
}

/** Checkpoints stand as buttons on the axis, for mouse and keyboard alike. */
function placeMarks(plot, marks, onMark) {
  plot.over.querySelectorAll(".mark").forEach((mark) => mark.remove());
  for (const mark of marks) {
    const left = plot.valToPos(mark.step, "x");
    if (left >= 0 && left <= plot.over.clientWidth) {
      const button = document.createElement("button");
      button.className = `mark ${mark.state}`;
      button.style.left = `${left}px`;
      button.title = `${mark.name} at step ${mark.step}, ${mark.state}. Click to inspect and to resume from it.`;
      button.setAttribute("aria-label", button.title);
      button.addEventListener("mousedown", (event) => event.stopPropagation());
      button.addEventListener("click", () => onMark(mark));
      plot.over.append(button);
    }
  }
}

/** Draws `curves`, each with run, name, points, stroke and summary, into `place`; gives the plot. */
export function drawChart(place, { curves, marks, state, theme, onMark, onZoom }) {
  const line = {
    stroke: theme.muted,
    font: theme.font,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.grid },
  };
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      cursor: { sync: { key: "curves" }, drag: { setScale: false } },
      scales: {
        x: { time: false, ...(state.range ? { range: () => state.range } : {}) },
        y: { distr: state.isLog ? 3 : 1 },
      },
      axes: [
        { ...line, values: (_plot, places) => places.map((x) => formatAxis(state.axis, x)) },
        { ...line, size: 64, values: (_plot, places) => places.map((y) => (y === null ? "" : formatValue(y))) },
      ],
      series: [
        { label: state.axis, value: (_plot, x) => (x === null ? "–" : formatAxis(state.axis, x)) },
        ...curves.map(({ name, stroke }) => ({
          label: name,
          stroke: stroke.color,
          dash: stroke.dash,
          width: 1.5,
          spanGaps: false,
          points: { show: curves.every(({ points }) => points.x.length <= 30) },
          value: (_plot, value) => formatValue(value),
        })),
      ],
      hooks: {
        draw: [
          (plot) => drawEnds(plot, curves, state.axis),
          (plot) => placeMarks(plot, state.axis === "step" ? marks : [], onMark),
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width > 3) {
              onZoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
            }
          },
        ],
        ready: [(plot) => plot.over.addEventListener("dblclick", () => onZoom(undefined))],
      },
    },
    joined(curves, state.isLog),
    place,
  );
}
