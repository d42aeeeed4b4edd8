import { inlineCode } from "../base/markdown.ts";
import { compareMetricNames } from "../checkpoints/metricNames.ts";
import type { Series } from "../metrics/series.ts";
import type { Superseded } from "./currentSeries.ts";
import { type SeriesSummary, summarizeSeries } from "./summarizeSeries.ts";

/** More metrics than this hide the ones that matter. */
const MAX_METRICS = 20;
const DIGITS = 4;
/** A log that two processes fill in turns looks like a training that was resumed again and again. */
const MANY_RESTARTS = 3;

/** `0.01235`, `1.2e-7`, `NaN`. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
}

/** The summaries of a run, those that decide about it first. */
export function summarizeAll(series: readonly Series[]): SeriesSummary[] {
  return sortSummaries(series.flatMap((each) => summarizeSeries(each) ?? []));
}

export function sortSummaries(summaries: readonly SeriesSummary[]): SeriesSummary[] {
  return summaries.toSorted((a, b) => compareMetricNames(a.tag, b.tag));
}

/** One line for each metric: where it began, where it stands, its best and how it goes. Markdown. */
export function describeMetrics(summaries: readonly SeriesSummary[]): string {
  const lines = summaries.slice(0, MAX_METRICS).map((summary) => `- ${describeSummary(summary)}`);
  const more = summaries.length - MAX_METRICS;
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

/** `**val_acc** 0.31 → 0.981 · best 0.985 at step 360 · flat`. */
function describeSummary({
  tag,
  first,
  last,
  lastStep,
  best,
  trend,
  broken,
  superseded,
  count,
}: SeriesSummary): string {
  const way = count === 1 ? formatValue(last) : `${formatValue(first)} → ${formatValue(last)}`;
  return [
    `${inlineCode(tag)} ${way} at step ${lastStep}`,
    ...(best === undefined || count === 1 ? [] : [`best ${formatValue(best.value)} at step ${best.step}`]),
    ...(trend === "too short to tell" ? [] : [`${trend} lately`]),
    ...(broken === undefined ? [] : [`**${broken.count} × NaN or infinite, first at step ${broken.firstStep}**`]),
    ...(superseded === undefined ? [] : [describeSuperseded(superseded)]),
  ].join(" · ");
}

/** `the steps went back to 60: 40 earlier values are superseded`; where it may be something else than a resume, that too. */
function describeSuperseded({ count, fromStep, times }: Superseded): string {
  const isOften = times >= MANY_RESTARTS;
  const goneBack = isOften ? `went back ${times} times, as far as to ${fromStep}` : `went back to ${fromStep}`;
  const earlier = count === 1 ? "one earlier value is" : `${count} earlier values are`;
  const advice = isOften ? " (if two processes write to this log, give each one of its own)" : "";
  return `the steps ${goneBack}: ${earlier} superseded${advice}`;
}
