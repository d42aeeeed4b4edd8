// What is computed for the picture of a curve. Nothing here knows the page, so that node can test it.

/** The points of a series on the chosen axis, sorted, later values of the same place last. NaN is a gap. */
export function pointsOf(series, startedMs, axis) {
  const places = series.steps.map((step, index) => placeOf(axis, step, series.times[index], startedMs));
  const order = places.flatMap((place, index) => (Number.isFinite(place) ? [index] : []));
  if (order.some((index, at) => at > 0 && places[index] < places[order[at - 1]])) {
    order.sort((a, b) => places[a] - places[b] || a - b);
  }
  // Two values at one place: the later one counts, as it does where a restart wrote it again.
  const last = order.filter((index, at) => places[index] !== places[order[at + 1]]);
  return {
    xs: last.map((index) => places[index]),
    ys: last.map((index) => (Number.isFinite(series.values[index]) ? series.values[index] : null)),
  };
}

function placeOf(axis, step, timeMs, startedMs) {
  if (axis === "step") {
    return step;
  }
  return axis === "relative" ? (timeMs - startedMs) / 1000 : timeMs / 1000;
}

/** The exponential moving average as TensorBoard draws it: without the pull towards zero at the beginning. */
export function smooth(values, weight) {
  let last = 0;
  let count = 0;
  return values.map((value) => {
    if (value === null) {
      return null;
    }
    last = last * weight + (1 - weight) * value;
    count += 1;
    return last / (1 - weight ** count);
  });
}

/** `0.01235`, `1.2e-7`; nothing for a gap. */
export function formatValue(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : "";
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

/** All drawn values as rows: run, metric, step, time, value. */
export function csvOf(runs, isShown) {
  const rows = runs.flatMap((run) =>
    run.series
      .filter(({ tag }) => isShown(tag))
      .flatMap((series) =>
        series.values.map((value, index) =>
          [run.id, series.tag, series.steps[index], isoTime(series.times[index]), value].map(csvCell).join(","),
        ),
      ),
  );
  return ["run,metric,step,time,value", ...rows, ""].join("\n");
}

function isoTime(timeMs) {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : "";
}

function csvCell(value) {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The tags of all runs, those that a training is judged by first, each with the runs that have it. */
export function tagsOf(runs) {
  const tags = new Map();
  for (const run of runs) {
    for (const series of run.series) {
      tags.set(series.tag, [...(tags.get(series.tag) ?? []), { run, series }]);
    }
  }
  return [...tags].toSorted(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(tag) {
  const isValidation = /(?:^|[^a-z])(?:val|valid|validation|eval|test)/i.test(tag);
  const isLoss = /loss/i.test(tag);
  const isScore = /acc|f1|auc|iou|map|bleu|dice/i.test(tag);
  return isValidation && (isLoss || isScore) ? 0 : isLoss ? 1 : isScore ? 2 : 3;
}
