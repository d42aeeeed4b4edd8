// What uPlot draws of a chart: its axes and the crosshair. The lines are drawn by the chart itself.
import { placesOf, placesOfValues } from "./curveAxis.js";
import { namesWithin } from "./curveSpread.js";
import { themeColor } from "./curveTheme.js";

/** A drag that is shorter in one direction zooms only in the other. */
const DRAG_PIXELS = 24;

/** `note(name, splits)` is told where an axis is divided; `leave` and `reset` handle the mouse. */
export function plotOptions(view, { size, spread, note, leave, reset, hooks }) {
  const ink = themeColor("--vscode-descriptionForeground") || themeColor("--vscode-foreground");
  // Faint in every theme: a border of high contrast would be louder than the curves.
  const grid = { stroke: `color-mix(in srgb, ${ink} 22%, transparent)`, width: 1 };
  const axis = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font: `11px ${themeColor("--vscode-font-family")}` };
  const places = spread === undefined ? placesOf(view.axis) : placesOfRuns(spread);
  return {
    ...size,
    padding: [10, 18, 0, 0],
    scales: { x: { time: view.axis === "wall" }, y: { distr: view.isLog ? 3 : 1 } },
    axes: [
      { ...axis, size: 30, ...places, filter: (_plot, splits) => note("x", splits) },
      { ...axis, ...placesOfValues(view.isLog, (splits) => note("y", splits)) },
    ],
    cursor: {
      drag: { x: true, y: true, uni: DRAG_PIXELS, setScale: false },
      points: { show: false },
      bind: {
        dblclick: () => reset,
        mouseleave: (_plot, _node, handle) => leave(handle),
      },
    },
    legend: { show: false },
    hooks,
    series: [{}, { paths: () => null, points: { show: false } }],
  };
}

function placesOfRuns(spread) {
  return {
    splits: () => [...spread.names.keys()],
    values: (plot) => namesWithin(spread, plot.over.clientWidth),
  };
}
