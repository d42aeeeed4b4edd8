// The rows of the table of runs, without the page, so that node can test them.
import { formatDifference, formatSeconds, formatValue, matcherOf, shortenParameter } from "./curveData.js";
import { compareNames } from "./nameOrder.js";

/** What a run did best at a metric, else where it stands: `{ value, direction }`, or undefined where it has none. */
export function resultOf(run, tag) {
  const summary = run.series.find((series) => series.tag === tag)?.summary;
  return summary && { value: summary.best?.value ?? summary.last, direction: summary.best?.direction };
}

/** The names of parameters, those that differ between the runs first. */
export function parametersOf(runs) {
  const names = [...new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))];
  const isVaried = (name) => new Set(runs.map(({ parameters }) => parameters[name])).size > 1;
  return { varied: names.filter(isVaried), same: names.filter((name) => !isVaried(name)) };
}

/** One row for each run that the filter lets through, sorted. A cell is `{ text, sort }`. */
export function rowsOf(runs, { metric, reference, filter, sort, now }) {
  const base = runs.find(({ id }) => id === reference);
  const baseResult = base && resultOf(base, metric);
  const { varied, same } = parametersOf(runs);
  return matchingRuns(runs, filter)
    .map((run) => {
      const result = resultOf(run, metric);
      const cells = {
        name: { text: run.label, sort: run.label },
        state: { text: run.state, sort: run.state },
        started: { text: new Date(run.startedMs).toLocaleString(), sort: Math.floor(run.startedMs / 1000) },
        duration: durationOf(run, now),
        metric: { text: result === undefined ? "" : sayValue(result.value), sort: result?.value ?? Number.NaN },
        difference: differenceOf(run === base ? undefined : baseResult, result),
      };
      for (const name of [...varied, ...same]) {
        const text = run.parameters[name] ?? "";
        const value = text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
        cells[`parameter:${name}`] = { text: shortenParameter(text), sort: value };
      }
      return { run, cells };
    })
    .toSorted(
      (a, b) =>
        compareCells(a.cells[sort.key], b.cells[sort.key], sort.isDescending) || compareNames(a.run.label, b.run.label),
    );
}

/** The runs that a filter lets through, by their names, states and hyper-parameters. */
export function matchingRuns(runs, filter) {
  const isWanted = matcherOf(filter);
  return runs.filter((run) => isWanted(wordsOf(run)));
}

function wordsOf({ title, label, id, state, parameters }) {
  const words = Object.entries(parameters).flatMap(([name, value]) =>
    [...new Set([value, shortenParameter(value)])].map((each) => `${name}=${each}`),
  );
  return [title, label, id, state, ...words].join(" ");
}

function durationOf({ startedMs, endedMs }, now) {
  if (endedMs === startedMs) {
    // Nobody knows: its log has no times.
    return { text: "", sort: Number.NaN };
  }
  const seconds = ((endedMs ?? now) - startedMs) / 1000;
  return { text: formatSeconds(seconds), sort: seconds };
}

function differenceOf(base, result) {
  if (base === undefined || result === undefined) {
    return { text: "", sort: Number.NaN };
  }
  const difference = result.value - base.value;
  const isBetter = result.direction === "min" ? difference < 0 : difference > 0;
  const verdict = result.direction === undefined || difference === 0 ? "" : isBetter ? "better" : "worse";
  return { text: `${formatDifference(difference)} ${verdict}`.trim(), sort: difference, verdict };
}

function sayValue(value) {
  return Number.isFinite(value) ? formatValue(value) : String(value);
}

function isMissing(value) {
  return value === undefined || value === "" || Number.isNaN(value);
}

/** Numbers by their size, names by their letters, what is missing last whichever way it is sorted. */
export function compareCells(a, b, isDescending) {
  const [left, right] = [a?.sort, b?.sort];
  if (isMissing(left) || isMissing(right)) {
    return Number(isMissing(left)) - Number(isMissing(right));
  }
  const order =
    typeof left === "number" && typeof right === "number" ? left - right : compareNames(String(left), String(right));
  return isDescending ? -order : order;
}
