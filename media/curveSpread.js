// Runs of which each has one value, such as a final accuracy: on an axis of steps they would cover each other, so they stand
// side by side. Nothing here knows the page, so that node can test it.
import { byColumn } from "./nameOrder.js";

export const SPREAD_HINT = "One value of each run: they stand side by side, in the order of the list.";
export const GROUPED_HINT = "One value of each run: they stand by their groups.";

/** Of each run its place, and the name at each place; undefined where a run has a curve, or a time that tells something. */
export function spreadOf(curves, { axis, legendSort }, groups) {
  if (axis === "wall" || curves.length < 2 || curves.some(({ series }) => series.summary.count !== 1)) {
    return undefined;
  }
  const grouped = groups.filter(({ ids }) => curves.some(({ run }) => ids.includes(run.id)));
  if (grouped.length > 0) {
    const places = new Map(grouped.flatMap(({ ids }, place) => ids.map((id) => [id, place])));
    return { places, names: grouped.map(({ label }) => label), hint: GROUPED_HINT };
  }
  const rows = curves
    .map(({ run: { id, label }, series: { summary } }) => ({
      id,
      label,
      number: summary.last,
      best: summary.best?.value ?? Number.NaN,
    }))
    .toSorted(byColumn(legendSort));
  const places = new Map(rows.map(({ id }, place) => [id, place]));
  return { places, names: rows.map(({ label }) => label), hint: SPREAD_HINT };
}

/** The stretch of the axis, with as much room at its ends as between two. */
export function stretchOf({ names }) {
  return [-0.5, names.length - 0.5];
}

/** The place that is nearest to a point of the axis. */
export function nearestPlace({ names }, x) {
  return Math.max(0, Math.min(names.length - 1, Math.round(x)));
}

const CHARACTER_PIXELS = 7;
const LEAST_CHARACTERS = 3;

/** What stands at each place of an axis: the end of a long name tells it from others. Nothing where there is no room. */
export function namesWithin({ names }, width) {
  const room = Math.floor(width / names.length / CHARACTER_PIXELS) - 1;
  return names.map((name) => (room < LEAST_CHARACTERS ? "" : name.length > room ? `…${name.slice(1 - room)}` : name));
}

/** What is said at a place of the axis in an exported picture. */
export function tickOfRuns(spread, plot) {
  const names = namesWithin(spread, plot?.over.clientWidth ?? 0);
  return (place) => ({ value: place, text: names[place] ?? "" });
}
