import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { formatMetric } from "./describeRun.ts";
import { LOG_FILE } from "./logParts.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";
import { bestOf } from "./sweep/sweepResults.ts";

/** "Which run was best?" */
export function asksForBest(text: string): boolean {
  return /\b(?:best|better|highest|lowest|won)\b/i.test(text);
}

/** "Where are the logs?", "show me the output". */
export function asksForLog(text: string): boolean {
  return /\b(?:log|logs|log ?files?|outputs?|console|print|prints|printed)\b/i.test(text);
}

/** Which of the runs that have ended was best, as Markdown; it says so where nothing tells. */
export function renderBestRun(runs: readonly Run[]): string {
  const best = bestOf({ runs }, ({ state }) => hasEnded(state));
  if (best === undefined) {
    return "No run that has ended printed a metric that tells which one is best.";
  }
  const { metric, value } = best;
  const compared = runs.filter(
    ({ state, status }) => hasEnded(state) && status.progress?.metrics[metric] !== undefined,
  );
  const among =
    compared.length === 1 ? "The only run that has ended and printed it" : `Of ${compared.length} runs that have ended`;
  const named = [best.run, ...best.ties].map(
    ({ record }) => `**${escapeMarkdown(record.plan.title)}** ${inlineCode(record.id)}`,
  );
  return `${among}, by the last ${inlineCode(metric)}: ${named.join(" and ")} with ${formatMetric(value)}. \`/checkpoints\` says which checkpoint is best.`;
}

/** Where a run keeps what was printed, and where its script writes logs of its own, as Markdown. */
export function renderLogPlaces({ folder, record }: Run): string {
  const { logFolder } = record.plan;
  const own =
    logFolder === undefined ? "" : ` Logs of the script itself: ${inlineCode(logFolder.path)} (${logFolder.reason}).`;
  return `What it printed is in ${inlineCode(`${folder}/${LOG_FILE}`)}.${own}`;
}
