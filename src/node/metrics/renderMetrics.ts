import { oneLine, plainText } from "../../core/base/markdown.ts";
import { keepNonFinite } from "../../core/base/nonFinite.ts";
import { describeMetrics, formatValue, summarizeAll } from "../../core/dashboard/describeMetrics.ts";
import { plotSeries } from "../../core/dashboard/plotSeries.ts";
import { type Parameters, sayParameters } from "../../core/metrics/parameters.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { FolderRun } from "./logFolder.ts";

export type MetricsFormat = "text" | "json" | "csv" | "plot";

/** Of the hyper-parameters of a run; JSON has all. */
const MAX_PARAMETERS = 12;

export const CSV_HEADER = "run,metric,step,value";

/** A text cannot hold all lines of long curves. */
const LINES_PER_PIECE = 5_000;

/** All that is known of the runs but their values. */
export function renderRuns(runs: readonly FolderRun[], format: Exclude<MetricsFormat, "csv">): string {
  if (format === "json") {
    const told = runs.map(({ name, series, problems = [], parameters = {} }) => ({
      name,
      ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
      metrics: summarizeAll(series),
      ...(problems.length > 0 ? { problems } : {}),
    }));
    return toJson({ runs: told }, 2);
  }
  const parts = runs.flatMap(({ name, series, problems = [], parameters = {} }) =>
    format === "plot"
      ? series.map((each) => `${printable(name)} ${printable(each.tag)}\n${plotSeries(each)}`)
      : [
          [
            printable(name),
            ...renderParameters(parameters),
            plainText(describeMetrics(summarizeAll(series))).trimEnd(),
            ...problems,
          ].join("\n"),
        ],
  );
  return parts.join("\n\n");
}

/** Every value of the runs as a row, in pieces that follow each other. */
export function* renderCsv(runs: readonly FolderRun[]): Generator<string> {
  yield CSV_HEADER;
  for (const { name, series } of runs) {
    for (const each of series) {
      for (let from = 0; from < each.values.length; from += LINES_PER_PIECE) {
        yield csvRows(name, each, from, from + LINES_PER_PIECE).join("\n");
      }
    }
  }
}

/** Lines as texts of some thousand each. */
export function* inPieces(lines: readonly string[]): Generator<string> {
  for (let from = 0; from < lines.length; from += LINES_PER_PIECE) {
    yield lines.slice(from, from + LINES_PER_PIECE).join("\n");
  }
}

/** `lr=0.01 batch_size=32`; of more than a line holds the first. */
function renderParameters(parameters: Parameters): string[] {
  const words = sayParameters(parameters);
  const shown = words.slice(0, MAX_PARAMETERS).join("  ");
  const more = words.length - MAX_PARAMETERS;
  return words.length === 0 ? [] : [more > 0 ? `${shown}  and ${more} more` : shown];
}

/** What was added to a series since it had `from` values: a row or an object for each; of a text, the last one. */
export function renderAdded(run: string, series: Series, from: number, format: "text" | "json" | "csv"): string[] {
  if (format === "csv") {
    return csvRows(run, series, from);
  }
  const last = series.values.length - 1;
  const indices = Array.from({ length: last + 1 - from }, (_, index) => from + index);
  if (format === "json") {
    return indices.map((index) =>
      toJson({ run, metric: series.tag, step: series.steps[index], value: series.values[index] }),
    );
  }
  return [
    `${printable(run)} ${printable(series.tag)} ${formatValue(series.values[last] ?? Number.NaN)} at step ${series.steps[last]}`,
  ];
}

function csvRows(run: string, { tag, steps, values }: Series, from: number, until = Infinity): string[] {
  const names = [run, tag].map((name) => csvCell(printable(name))).join(",");
  return Array.from(
    { length: Math.min(until, values.length) - from },
    (_, index) => `${names},${steps[from + index] ?? ""},${values[from + index] ?? ""}`,
  );
}

/** A name of a log, without what a terminal would obey. */
function printable(name: string): string {
  return oneLine(name, Infinity);
}

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** NaN and infinities have no JSON; as texts they survive, where JSON.stringify would write null. */
function toJson(data: unknown, indent?: number): string {
  return JSON.stringify(data, keepNonFinite, indent);
}
