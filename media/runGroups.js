// Runs with one value of a hyper-parameter as a group: one colour, and a curve that is their mean. Nothing here knows the page.
import { shortenParameter } from "./curveData.js";
import { compareNames } from "./nameOrder.js";
import { parametersOf } from "./runRows.js";

/** A mean is drawn at no more places than a wide chart has pixels. */
const MAX_PLACES = 2_000;

/** The groups by one hyper-parameter, in the order of its values, those without any last; none where it does not differ. */
export function groupsBy(runs, name) {
  if (!parametersOf(runs).varied.includes(name)) {
    return [];
  }
  const ids = new Map();
  for (const { id, parameters } of runs) {
    const value = parameters[name] ?? "";
    ids.set(value, [...(ids.get(value) ?? []), id]);
  }
  const shorts = [...ids.keys()].map(shortenParameter);
  const areTold = new Set(shorts).size === shorts.length;
  const say = (value) => `${name}=${areTold ? shortenParameter(value) : value}`;
  return [...ids].toSorted(byValue).map(([value, members], index) => ({
    label: value === "" ? `no ${name}` : say(value),
    index,
    ids: members,
  }));
}

function byValue([a], [b]) {
  return Number(a === "") - Number(b === "") || compareNames(a, b);
}

/** The number of its group for each run, from which its colour follows. */
export function indexesOf(groups) {
  return Object.fromEntries(groups.flatMap(({ ids, index }) => ids.map((id) => [id, index])));
}

/** A curve for each group that has any, as the curves of runs are: `{ run, series, index, xs, ys, smoothed }`. */
export function meansOf(curves, groups) {
  return groups.flatMap(({ label, index, ids }) => {
    const members = curves.filter(({ run }) => ids.includes(run.id));
    const names = members.map(({ run }) => run.label);
    const run = {
      id: `group ${label}`,
      title: label,
      label: members.length > 1 ? `${label} · mean of ${members.length}` : label,
      description: names.join(", "),
      members: members.map((member) => member.run.id),
    };
    return members.length === 0 ? [] : [{ run, index, series: { summary: summaryOf(members) }, ...meanOf(members) }];
  });
}

/** The best value of any member, and how many of their values are no numbers. */
function summaryOf(members) {
  const summaries = members.map(({ series }) => series.summary);
  const rated = summaries.flatMap(({ best }) => best ?? []);
  const sign = rated[0]?.direction === "min" ? -1 : 1;
  const [best] = rated.toSorted((a, b) => sign * (b.value - a.value));
  const broken = summaries.flatMap((summary) => summary.broken ?? []);
  const count = broken.reduce((sum, each) => sum + each.count, 0);
  const firstStep = Math.min(...broken.map((each) => each.firstStep));
  return { last: Number.NaN, best, broken: count === 0 ? undefined : { count, firstStep } };
}

/**
 * At each place of any of the curves the mean of those that have begun and not ended there, each a line between its values;
 * a gap where one of them is no number.
 */
function meanOf(members) {
  const curves = inLine(members);
  const xs = placesOf(curves);
  const mean = (columnOf) => {
    const sums = { values: new Float64Array(xs.length), counts: new Float64Array(xs.length) };
    curves.forEach((curve) => addLine(sums, xs, { xs: curve.xs, ys: columnOf(curve) }));
    return sums.values.map((sum, at) => sum / sums.counts[at]);
  };
  const isSmoothed = curves.some(({ smoothed }) => smoothed !== undefined);
  return {
    xs,
    // What is kept of a long curve to draw it are its extremes, of which no mean can be taken.
    ys: mean(({ means, ys }) => means ?? ys),
    ...(isSmoothed ? { smoothed: mean(({ smoothed, means, ys }) => smoothed ?? means ?? ys) } : {}),
  };
}

/** Single values, such as the results of runs, have no line that leads from one to another: they count at the place of the last. */
function inLine(curves) {
  const last = Math.max(...curves.map(({ xs }) => xs.at(-1) ?? -Infinity));
  return curves.every(({ xs }) => xs.length < 2)
    ? curves.map((curve) => ({ ...curve, xs: curve.xs.map(() => last) }))
    : curves;
}

function placesOf(curves) {
  const all = new Float64Array(curves.reduce((sum, { xs }) => sum + xs.length, 0));
  let filled = 0;
  for (const { xs } of curves) {
    all.set(xs, filled);
    filled += xs.length;
  }
  const sorted = all.toSorted();
  const places = sorted.filter((x, at) => x !== sorted[at - 1]);
  const every = Math.ceil(places.length / MAX_PLACES);
  return every > 1 ? places.filter((_, at) => at % every === 0 || at === places.length - 1) : places;
}

function addLine({ values, counts }, places, { xs, ys }) {
  let next = 0;
  for (let at = 0; at < places.length; at++) {
    const x = places[at];
    while (next < xs.length && xs[next] < x) {
      next += 1;
    }
    const value = next < xs.length ? valueOn({ xs, ys }, next, x) : undefined;
    if (value !== undefined) {
      // Without a member that is no number any more the mean would look better than the group is.
      values[at] += Number.isFinite(value) ? value : Number.NaN;
      counts[at] += 1;
    }
  }
}

/** `next` is the first value at or behind the place; undefined before the curve begins. */
function valueOn({ xs, ys }, next, x) {
  if (xs[next] === x) {
    return ys[next];
  }
  return next === 0
    ? undefined
    : ys[next - 1] + ((ys[next] - ys[next - 1]) * (x - xs[next - 1])) / (xs[next] - xs[next - 1]);
}
