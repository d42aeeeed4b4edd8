import { escapeMarkdown } from "../base/markdown.ts";
import { compareMetricNames } from "../checkpoints/metricNames.ts";
import type { LoggedRun } from "./curveMessages.ts";
import { formatValue, type SeriesSummary, type SummaryPoint } from "./seriesSummary.ts";

/** More belongs into a question about one run or one tag. */
const MAX_DESCRIBED_RUNS = 8;
const MAX_DESCRIBED_TAGS = 16;

/** A table for each run: first, last and best value, trend, and what does not look right. */
export function describeLoggedRuns(runs: readonly LoggedRun[], searched: readonly string[]): string {
  if (runs.length === 0) {
    return describeNoLogs(searched);
  }
  const rest = runs.length - MAX_DESCRIBED_RUNS;
  const parts = runs.slice(0, MAX_DESCRIBED_RUNS).map(describeRun);
  return [...parts, ...(rest > 0 ? [`${rest} more runs are not described here; name one.`] : [])].join("\n\n");
}

function describeNoLogs(searched: readonly string[]): string {
  const places = searched.map((folder) => `\`${escapeMarkdown(folder)}\``).join(", ");
  return (
    `No training logs were found${places === "" ? "" : ` in ${places}`}. Looked for TensorBoard event files, CSV and JSONL ` +
    "logs, `trainer_state.json` and what runs printed. Start a training, and its curves appear."
  );
}

function describeRun(run: LoggedRun): string {
  const tags = run.summaries.toSorted((a, b) => compareMetricNames(a.tag, b.tag));
  const rows = tags.slice(0, MAX_DESCRIBED_TAGS).map(describeRow);
  const rest = tags.length - MAX_DESCRIBED_TAGS;
  const notes = tags.flatMap(({ tag, anomalies }) => anomalies.map((text) => `- ⚠️ ${escapeMarkdown(tag)}: ${text}`));
  const state = run.source === undefined ? "" : ` (${run.source.state})`;
  return [
    `**${escapeMarkdown(run.name)}**${state}`,
    "",
    "| metric | first | last | best | trend | values |",
    "| --- | ---: | ---: | ---: | --- | ---: |",
    ...rows,
    ...(rest > 0 ? ["", `${rest} more metrics.`] : []),
    ...(notes.length > 0 ? ["", ...notes.slice(0, MAX_DESCRIBED_TAGS)] : []),
    ...run.problems.map((problem) => `\n- ⚠️ ${escapeMarkdown(problem)}`),
  ].join("\n");
}

function describeRow({ tag, count, first, last, best, trend }: SeriesSummary): string {
  const cells = [
    escapeMarkdown(tag),
    renderPoint(first),
    renderPoint(last),
    best ? renderPoint(best) : "",
    trend,
    String(count),
  ];
  return `| ${cells.join(" | ")} |`;
}

function renderPoint({ value, step }: SummaryPoint): string {
  return `${formatValue(value)} at ${formatValue(step)}`;
}
