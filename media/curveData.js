// What is computed for the picture of a curve. Nothing here knows the page, so that node can test it.
import { compareTags } from "./nameOrder.js";

/** The points of a curve on the chosen axis, sorted, later values of the same place last. NaN is a gap. */
export function pointsOf(points, startedMs, axis) {
  const xs = axis === "step" ? points.steps : points.times.map((time) => placeOf(axis, time, startedMs));
  const { values, smoothed, means } = points;
  if (isSorted(xs)) {
    return { xs, ys: values, smoothed, means };
  }
  const order = Array.from(xs.keys()).filter((index) => Number.isFinite(xs[index]));
  order.sort((a, b) => xs[a] - xs[b] || a - b);
  // Two values at one place: the later one counts, as it does where a restart wrote it again.
  const last = order.filter((index, at) => xs[index] !== xs[order[at + 1]]);
  const pick = (column) => column && Float64Array.from(last, (index) => column[index]);
  return { xs: pick(xs), ys: pick(values), smoothed: pick(smoothed), means: pick(means) };
}

function placeOf(axis, timeMs, startedMs) {
  return axis === "relative" ? (timeMs - startedMs) / 1000 : timeMs / 1000;
}

function isSorted(xs) {
  if (xs.length > 0 && !Number.isFinite(xs[0])) {
    return false;
  }
  for (let index = 1; index < xs.length; index++) {
    if (!(xs[index] > xs[index - 1])) {
      return false;
    }
  }
  return true;
}

/** Where on an axis something happened that has a time, by the points around it; NaN where they have none. */
export function placeOfTime(points, { timeMs, startedMs }, axis) {
  if (axis !== "step") {
    return placeOf(axis, timeMs, startedMs);
  }
  const { times, steps } = points;
  let found = Number.NaN;
  for (let index = 0; index < times.length && times[index] <= timeMs; index++) {
    found = steps[index];
  }
  return found;
}

/** Where on an axis a step is; of several values of that step the one that is told. */
export function placeOfStep(points, step, { startedMs, axis, value }) {
  if (axis === "step") {
    return step;
  }
  const { steps, times, values } = points;
  const found = value === undefined ? -1 : steps.findIndex((each, index) => each === step && values[index] === value);
  const at = found < 0 ? steps.indexOf(step) : found;
  return at < 0 ? Number.NaN : placeOf(axis, times[at], startedMs);
}

/** Why a chart shows less than its logs tell, and what to do; undefined where it does not. `curves` have points. */
export function hintOf(curves, axis) {
  if (curves.length === 0) {
    return undefined;
  }
  if (curves.every(({ xs }) => xs.length === 0)) {
    return "Its logs tell no times. Choose the axis Step.";
  }
  const isOnePlace = curves.every(({ xs }) => xs.length < 2);
  const hasMore = curves.some(({ points: { steps, times } }) => steps.length > 1 && times.at(-1) > times[0]);
  return axis === "step" && isOnePlace && hasMore
    ? "All its values have the same step. Choose the axis Time since the start."
    : undefined;
}

/** The stretch of an axis as the extension looks it up: steps, or milliseconds since 1970 around all runs. */
export function windowOf(axis, [from, until], startedMs) {
  if (axis === "step") {
    return { axis: "steps", from, until };
  }
  const starts = axis === "relative" ? startedMs : [0];
  return {
    axis: "times",
    from: Math.min(...starts) + from * 1000,
    until: Math.max(...starts) + until * 1000,
  };
}

/** The index whose x is nearest, or -1. */
export function nearestIndex(xs, x) {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low === xs.length) {
    return xs.length - 1;
  }
  return low > 0 && x - xs[low - 1] < xs[low] - x ? low - 1 : low;
}

/** The index of the value that is closest to another one, or -1; the values are in no order, and NaN is close to nothing. */
export function closestIndex(values, wanted) {
  const distances = values.map((value) => Math.abs(value - wanted));
  return distances.indexOf(Math.min(...distances.filter(Number.isFinite)));
}

/** The least and the greatest x of all curves, undefined without any. */
export function spanOf(curves) {
  let [least, greatest] = [Infinity, -Infinity];
  for (const { xs } of curves) {
    if (xs.length > 0) {
      least = Math.min(least, xs[0]);
      greatest = Math.max(greatest, xs[xs.length - 1]);
    }
  }
  if (least > greatest) {
    return undefined;
  }
  return least === greatest ? [least - 0.5, greatest + 0.5] : [least, greatest];
}

const MARGIN = 0.06;
const OUTLIER_SHARE = 0.02;

/** More rings than this would hide the curves. */
const MAX_RINGS = 12;

/** The ids of the runs whose best value gets a ring: of many only the best of all, and the reference. */
export function ringedOf(curves, reference, maxRings = MAX_RINGS) {
  const rated = curves.flatMap(({ run: { id }, series }) =>
    series.summary.best === undefined ? [] : [{ id, ...series.summary.best }],
  );
  if (rated.length <= maxRings) {
    return new Set(rated.map(({ id }) => id));
  }
  const sign = rated[0].direction === "min" ? -1 : 1;
  const best = rated.reduce((found, each) => (sign * each.value > sign * found.value ? each : found));
  return new Set([best.id, reference]);
}

/** The range of values within a stretch of x, with some air. Without outliers it holds all but the outermost of them. */
export function rangeOf(curves, stretch, { isLog, isRobust }) {
  const seen = [];
  let [least, greatest] = [Infinity, -Infinity];
  const see = (value) => {
    least = value < least ? value : least;
    greatest = value > greatest ? value : greatest;
    if (isRobust) {
      seen.push(value);
    }
  };
  curves.forEach((curve) => visitValues(curve, stretch, { isLog, isRobust, see }));
  if (isRobust && seen.length > 10) {
    seen.sort((a, b) => a - b);
    [least, greatest] = [OUTLIER_SHARE, 1 - OUTLIER_SHARE].map((share) => seen[Math.floor(seen.length * share)]);
  }
  return widen(least, greatest, isLog);
}

/** Of a smoothed curve both its line and the values behind it are in sight; outliers are those of the line. */
function visitValues({ xs, ys, smoothed }, [from, until], { isLog, isRobust, see }) {
  const columns = smoothed === undefined ? [ys] : isRobust ? [smoothed] : [smoothed, ys];
  for (const column of columns) {
    for (let index = Math.max(0, nearestIndex(xs, from) - 1); index < xs.length && xs[index] <= until; index++) {
      const value = column[index];
      if (xs[index] >= from && Number.isFinite(value) && (!isLog || value > 0)) {
        see(value);
      }
    }
  }
}

function widen(least, greatest, isLog) {
  if (least > greatest) {
    return isLog ? [0.1, 1] : [0, 1];
  }
  if (isLog) {
    const air = Math.max((Math.log10(greatest) - Math.log10(least)) * MARGIN, 0.02);
    return [10 ** (Math.log10(least) - air), 10 ** (Math.log10(greatest) + air)];
  }
  const air = (greatest - least || Math.abs(greatest) || 1) * MARGIN;
  return [least - air, greatest + air];
}

/** `0.01235`, `1.2e-7`; nothing for a gap. */
export function formatValue(value) {
  return typeof value === "number" && !Number.isNaN(value) ? String(Number(value.toPrecision(4))) : "";
}

const DECIMAL = /^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[+-]?\d+)?$/i;
/** More digits are what is left of a calculation: 0.00029999999999999997 was 3e-4. */
const PARAMETER_DIGITS = 6;

/** A hyper-parameter as a person wrote it, of whose value nothing is lost elsewhere. */
export function shortenParameter(value) {
  const text = String(value);
  return DECIMAL.test(text) && text.replace(/e.*$/i, "").replace(/^[+-]?[0.]*/, "").length > PARAMETER_DIGITS + 1
    ? String(Number(Number(text).toPrecision(PARAMETER_DIGITS)))
    : text;
}

/** What a screen reader says of a curve. */
export function sayCurve(run, { tag, summary }) {
  if (summary.count === 1) {
    return `${tag} of ${run.label}: ${formatValue(summary.last)}`;
  }
  const best = summary.best ? `, best ${formatValue(summary.best.value)} at step ${summary.best.step}` : "";
  return `${tag} of ${run.label}: from ${formatValue(summary.first)} to ${formatValue(summary.last)}${best}`;
}

/** With a sign, for a difference. */
export function formatDifference(value) {
  return value > 0 ? `+${formatValue(value)}` : formatValue(value).replace("-", "−") || "–";
}

/** 95 → "1:35", 3700 → "1:01:40". */
export function formatSeconds(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** What a place on the axis is called: `step 120`, `1:35`, `14:02:11`. */
export function sayPlace(x, axis) {
  if (axis === "step") {
    return `step ${Number(x.toPrecision(12)).toLocaleString("en")}`;
  }
  return axis === "relative" ? formatSeconds(x) : new Date(x * 1000).toLocaleString();
}

const MIN_CHART_WIDTH = 380;
const CHART_GAP = 16;

/** How many charts stand beside each other in a page of a width, and how wide one is. */
export function gridOf(whole) {
  const columns = Math.max(1, Math.floor(whole / MIN_CHART_WIDTH));
  return { columns, width: Math.floor((whole - CHART_GAP * (columns - 1)) / columns) };
}

/** The tags of all runs, those that a training is judged by first, each with the runs that have it. */
export function tagsOf(runs) {
  const tags = new Map();
  for (const run of runs) {
    for (const series of run.series) {
      tags.set(series.tag, [...(tags.get(series.tag) ?? []), { run, series }]);
    }
  }
  return [...tags].toSorted(([a], [b]) => rank(a) - rank(b) || compareTags(a, b));
}

/** The metric that runs are compared by unless the person chooses one: the first that most of them have. */
export function usualMetric(entries, runCount) {
  return (entries.find(([, curves]) => curves.length * 2 > runCount) ?? entries[0])?.[0];
}

function rank(tag) {
  const isValidation = /(?:^|[^a-z])(?:val|valid|validation|eval|test)/i.test(tag);
  const isLoss = /loss/i.test(tag);
  const isScore = /acc|f1|auc|iou|map|bleu|dice/i.test(tag);
  return isValidation && (isLoss || isScore) ? 0 : isLoss ? 1 : isScore ? 2 : 3;
}

/** The groups of tags, by what stands before the first slash, in the order of their best tags. */
export function groupsOf(tags) {
  const groups = new Map();
  for (const entry of tags) {
    const [first, ...rest] = entry[0].split("/");
    const name = rest.length === 0 ? "" : first;
    const entries = groups.get(name) ?? [];
    entries.push(entry);
    groups.set(name, entries);
  }
  return [...groups].map(([name, entries]) => ({ name, entries }));
}

/** Whether a name has the text in it, or matches it where it is written as `/pattern/`. A broken pattern is a text. */
export function matcherOf(text) {
  const wanted = text.trim();
  const pattern = /^\/(.+)\/$/.exec(wanted)?.[1];
  if (pattern !== undefined) {
    try {
      const expression = new RegExp(pattern, "i");
      return (name) => expression.test(name);
    } catch {
      // Half of a pattern is what a person has typed so far.
    }
  }
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return (name) => words.every((word) => name.toLowerCase().includes(word));
}

/** The sent runs with what was kept of the last ones: series that are not sent did not change. */
export function mergeRuns(known, sent) {
  return sent.map((run) => {
    const before = run.isWhole ? undefined : known.find(({ id }) => id === run.id);
    const merged = new Map((before?.series ?? []).map((series) => [series.tag, series]));
    for (const series of run.series) {
      const points = series.points ?? merged.get(series.tag)?.points;
      merged.set(series.tag, { ...withNumbers(series), ...(points ? { points } : {}) });
    }
    return { ...run, series: [...merged.values()] };
  });
}

/** What is no number comes as null, since messages are JSON. */
function withNumbers({ summary, ...series }) {
  return { ...series, summary: { ...summary, first: summary.first ?? Number.NaN, last: summary.last ?? Number.NaN } };
}

/** A number for each run, from which its colour follows: the one that it has, else the least that is free. */
export function colorsOf(runs, known) {
  const ids = runs.map(({ id }) => id);
  const colors = Object.fromEntries(ids.flatMap((id) => (known[id] === undefined ? [] : [[id, known[id]]])));
  const taken = new Set(Object.values(colors));
  let next = 0;
  for (const id of ids.filter((each) => colors[each] === undefined).toSorted((a, b) => a.localeCompare(b))) {
    while (taken.has(next)) {
      next += 1;
    }
    taken.add(next);
    colors[id] = next;
  }
  return colors;
}

/** Two runs of one script are told apart by the end of their ids; `index` is the number of their colour. Those of a folder are called by their paths. */
export function labelRuns(runs, colors, { isFolder }) {
  const titles = runs.map(({ title }) => title);
  const common = isFolder ? commonFolder(titles).length : 0;
  return runs.map((run) => {
    const isShared = titles.filter((title) => title === run.title).length > 1;
    const label = run.title.slice(common);
    return { ...run, index: colors[run.id], label: isShared ? `${label} ${run.id.slice(-4)}` : label };
  });
}

/** The folders that all names begin with, which tell none of them from another; none for one run alone. */
function commonFolder([first = "", ...others]) {
  let common = others.length === 0 ? "" : first;
  while (common !== "" && !others.every((title) => title.startsWith(common))) {
    common = common.slice(0, -1);
  }
  return common.slice(0, common.lastIndexOf("/") + 1);
}

/** As many characters of a name as there is room for beside its values. */
const NAME_ROOM = 32;
/** Names that begin alike differ at their end. */
const NAME_END = 20;

/** A name with its beginning and its end, which tell it from others, where the whole of it is too long. */
export function shortenName(name) {
  return name.length > NAME_ROOM ? `${name.slice(0, NAME_ROOM - NAME_END - 1)}…${name.slice(-NAME_END)}` : name;
}
