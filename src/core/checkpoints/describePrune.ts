import { oneLine } from "../base/markdown.ts";
import { renderBytes } from "../base/renderBytes.ts";
import { withNoun } from "../base/withNoun.ts";
import { type CheckpointEntry, entryName } from "./checkpointListing.ts";
import { describeCheckpointFacts } from "./describeCheckpoint.ts";
import type { PrunePlan } from "./planPrune.ts";
import type { PrunePolicy } from "./prunePolicy.ts";
import { MAY_BE_MODEL } from "./reasonsAlone.ts";

/** What goes and what stays, a line each, newest first; for terminals and dialogs. */
export function describePrune({ kept, removed, freedBytes, metric, judgement }: PrunePlan): string {
  const stays = kept.map(({ entry, reason }) => `  ${nameOf(entry)}: ${oneLine(reason, 160)}`);
  const goes = removed.map((entry) => `  ${nameOf(entry)}: ${describeCheckpointFacts(entry.summary, metric)}`);
  if (removed.length === 0) {
    return kept.length === 0 ? "There is nothing to prune." : [`${nothingGoes(kept.length)}:`, ...stays].join("\n");
  }
  return [
    `${thatMany(removed.length, "go")}, ${renderBytes(freedBytes)}:`,
    ...goes,
    `${thatMany(kept.length, "stay")}:`,
    ...stays,
    ...describeJudgement({ judgement }),
  ].join("\n");
}

/** By what the best were found, and that they were not where no metric says it; no line where nothing whole goes. */
export function describeJudgement({
  judgement: { metrics, leftOut, unjudged, onlyTraining },
}: Pick<PrunePlan, "judgement">): string[] {
  const by =
    metrics.length === 0
      ? []
      : [
          `The best were found by ${joinNames(metrics)}${leftOut.length === 0 ? "" : `; not by ${joinNames(leftOut)}`}.`,
        ];
  const without = unjudged - (onlyTraining?.count ?? 0);
  const inAny = metrics.length === 0 && onlyTraining === undefined ? "them" : `${without} of those that go`;
  return [
    ...by,
    ...(onlyTraining === undefined
      ? []
      : [
          `${onlyTraining.count} of those that go ${onlyTraining.count === 1 ? "has" : "have"} only ${joinNames(onlyTraining.metrics)}, of no held-out data, so the best may be among them.`,
        ]),
    ...(without === 0 ? [] : [`No metric was found in ${inAny}, so the best may be among those that go.`]),
  ];
}

function joinNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_METRICS).map((name) => oneLine(name, 80));
  return [...shown, ...(names.length > MAX_METRICS ? [`${names.length - MAX_METRICS} more`] : [])].join(", ");
}

/** How a person lets those go that stay only in doubt; undefined where there are none. `how`: `the same with --saves`. */
export function describeDoubt({ kept }: PrunePlan, how: string): string | undefined {
  const count = kept.filter(({ reason }) => reason === MAY_BE_MODEL).length;
  return count === 0
    ? undefined
    : `Of ${count === 1 ? "one" : count} that ${count === 1 ? "stays" : "stay"} it is not known whether the number counts saves or names a model. If all are saves of one training: ${how}.`;
}

/** What stays beside what goes, for a dialog with little room: the first of it, and what stays only in doubt. */
export function describeStaying(plan: PrunePlan, how: string): string {
  const lines = plan.kept.map(({ entry, reason }) => `${nameOf(entry)}: ${reason}`);
  const more = lines.length - MAX_SHOWN;
  const shown = ["These stay:", ...lines.slice(0, MAX_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
  const doubt = describeDoubt(plan, how);
  return [shown, ...describeJudgement(plan), doubt ?? []].flat().join("\n\n");
}

const MAX_SHOWN = 15;
const MAX_METRICS = 6;
const EXAMPLE =
  "Write for example: best 1, last 3, every 1000; and “saves” behind it where all numbers in names count saves";

/**
 * `best 2, last 3, every 1000`, as a person types it, with `saves` as a part or behind one where numbers count saves; a
 * sentence about what is wrong with it.
 */
export function parsePrunePolicy(text: string): PrunePolicy | { problem: string } {
  const policy: PrunePolicy = { keepBest: 0, keepLast: 0 };
  let saysWhatStays = false;
  for (const typed of text.toLowerCase().split(/[,;]+/)) {
    const part = typed.replace(/(?:^|\s)saves\s*$/, "").trim();
    if (part !== typed.trim()) {
      policy.areSaves = true;
      if (part === "") {
        continue;
      }
    }
    const match = /^(best|last|every)\s+(\d{1,9})$/.exec(part);
    const count = Number(match?.[2]);
    if (match?.[1] === "best") {
      policy.keepBest = count;
    } else if (match?.[1] === "last") {
      policy.keepLast = count;
    } else if (match?.[1] === "every" && count > 0) {
      policy.keepEvery = count;
    } else {
      return { problem: `“${part}” is not understood. ${EXAMPLE}` };
    }
    saysWhatStays = true;
  }
  return saysWhatStays ? policy : { problem: `Which checkpoints stay is not said. ${EXAMPLE}` };
}

/** What becomes of so many checkpoints: `1 checkpoint goes`, `3 checkpoints stay`. */
export function thatMany(count: number, verb: "go" | "stay"): string {
  const ending = verb === "go" ? "es" : "s";
  return `${withNoun(count, "checkpoint")} ${verb}${count === 1 ? ending : ""}`;
}

/** That all stay, `in ./checkpoints` or wherever they are. */
export function nothingGoes(count: number, place = ""): string {
  return `Nothing goes${place}; ${count === 1 ? "the only checkpoint stays" : `all ${withNoun(count, "checkpoint")} stay`}`;
}

export function nameOf(entry: CheckpointEntry): string {
  return oneLine(entryName(entry), 200);
}
