import { formatLocalTime } from "../base/localTime.ts";
import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { withNoun } from "../base/withNoun.ts";
import { describeRunInList } from "./describeRun.ts";
import type { Run } from "./runRecord.ts";
import { hasEnded } from "./runState.ts";

/**
 * Which of several runs of one name an answer is about, as Markdown; undefined where no other is called so. `runs` newest
 * first.
 */
export function describeNamesakes(run: Run, runs: readonly Run[], now: Date): string | undefined {
  const { id, createdAt, plan } = run.record;
  const called = runs.filter(({ record }) => record.plan.title === plan.title);
  const [newest] = called;
  if (newest === undefined || called.length < 2) {
    return undefined;
  }
  const live = called.filter(({ state }) => !hasEnded(state));
  const isNewest = newest.record.id === id;
  const isOnlyLive = live.length === 1 && live[0]?.record.id === id;
  const which = isOnlyLive
    ? "the one that goes on"
    : isNewest
      ? "the newest"
      : `started ${formatLocalTime(createdAt, now)}`;
  const others = live.filter(({ record }) => record.id !== id && record.id !== newest.record.id);
  return [
    `${called.length} runs are called ${escapeMarkdown(plan.title)}; this is ${inlineCode(id)}, ${which}.`,
    ...(isNewest ? [] : [`Newer: ${inlineCode(newest.record.id)}, ${escapeMarkdown(describeRunInList(newest))}.`]),
    ...(others.length === 0 ? [] : [describeOthers(others)]),
  ].join(" ");
}

function describeOthers(live: readonly Run[]): string {
  const [only] = live;
  return only !== undefined && live.length === 1
    ? `${inlineCode(only.record.id)} goes on.`
    : `${withNoun(live.length, "other")} go on.`;
}
