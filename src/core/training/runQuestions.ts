import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { formatMetric } from "./describeRun.ts";
import { LOG_FILE } from "./logParts.ts";
import { renderRunList } from "./renderRuns.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";
import { bestOf } from "./sweep/sweepResults.ts";

/** "Which run was best?" */
export function asksForBest(text: string): boolean {
  return /\b(?:best|better|highest|lowest|won)\b/i.test(text);
}

/** "Where are the logs?", "show me the output". */
export function asksForLog(text: string): boolean {
  return /\b(?:log|logs|log ?files?|outputs?|console|print|prints|printed|tail|follow)\b/i.test(text);
}

/** "How is it going?", "when will it finish?": asks of what goes on now. */
export function asksHowItGoes(text: string): boolean {
  return (
    /\bhow(?:'s|s| is| are| far| long| much| many)\b|\b(?:eta|progress|status|left|still|done|finish(?:ed)?|ready|current)\b|^when (?:will|does|is)\b|^what(?:'s|s| is) the\b/i.test(
      text,
    ) && !/\b(?:all|runs|trainings|they|each)\b/i.test(text)
  );
}

/** The run that a question is about which names none: the newest one, or the only one that goes on. `runs` newest first. */
export function runInQuestion(text: string, runs: readonly Run[]): Run | undefined {
  if (runs.length === 1 || asksForLog(text) || /\b(?:last|latest|newest|previous) (?:run|training)\b/i.test(text)) {
    return runs[0];
  }
  const live = runs.filter(({ state }) => !hasEnded(state));
  const isAboutLive = live.length === 1 && asksHowItGoes(text) && !asksForFailed(text) && !asksForBest(text);
  return isAboutLive ? live[0] : undefined;
}

/** "Which runs failed?", "rerun the failed ones". */
export function asksForFailed(text: string): boolean {
  return /\b(?:fail|failed|fails|failing|failures?|crashed|crashes|died|broken|killed|lost)\b/i.test(text);
}

/** The runs that ended badly, as Markdown; it says so where there is none. `asksAgain`: they are to be started anew. */
export function renderFailedRuns(
  failed: readonly Run[],
  { among, asksAgain, now }: { among: number; asksAgain: boolean; now: Date },
): string {
  if (failed.length === 0) {
    return among === 1 ? "The only run here did not fail." : `None of the ${among} runs here failed.`;
  }
  const count = `${failed.length} of ${among === 1 ? "1 run" : `${among} runs`} failed:`;
  const next = asksAgain
    ? "\n\nNothing was started yet. Each button shows the command and what has changed since, and asks before it starts. To change an argument: `/train <script> again with …`; to go on from a checkpoint: `/resume <id>`."
    : "";
  return `${count}\n\n${renderRunList(failed, now)}${next}`;
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
