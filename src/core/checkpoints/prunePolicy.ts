import {
  type BestCheckpoint,
  bestBy,
  type CheckpointEntry,
  chooseMetric,
  mayBeData,
  newestFirst,
  newestWhole,
} from "./checkpointListing.ts";
import { holdsPath, isBelow } from "./checkpointParts.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import type { MetricDirection } from "./metricNames.ts";
import { chooseResumePoint } from "./resumeChoice.ts";

/** How many checkpoints of each run stay. The best and the newest whole one stay in any case. */
export type PrunePolicy = {
  keepBest: number;
  keepLast: number;
  /** Those whose step (epoch, where none has a step) is a multiple of it. */
  keepEvery?: number;
  /** Which metric says what is best; by default the one that decides in a listing. */
  metric?: string;
  direction?: MetricDirection;
};

export type PrunePlan = {
  /** Newest first, with the reason as the end of "it stays: …". */
  kept: readonly { entry: CheckpointEntry; reason: string }[];
  /** Newest first. */
  removed: readonly CheckpointEntry[];
  freedBytes: number;
  /** By what the best were found; absent where no metric says it. */
  metric?: string;
};

/** A training that goes on: what it saved since it started is its own to keep or to delete. */
export type LiveWriter = { folder: string; sinceMs: number };

/** Scripts look for these under exactly this name. */
const FIXED_NAME = /^(?:model[-_.]?)?(?:best|last|latest|final)(?:[-_.]?(?:model|checkpoint))?(?:\.[a-z]+)+$/i;

/**
 * Which checkpoints of a folder may go. Each run in it is judged by itself. Nothing goes of a run without a whole
 * checkpoint, nothing that cannot be judged or is being written, and nothing that a link leads to.
 */
export function planPrune(
  entries: readonly CheckpointEntry[],
  policy: PrunePolicy,
  live: readonly LiveWriter[] = [],
): PrunePlan {
  const metric = policy.metric ?? chooseMetric(entries);
  const reasons = new Map<CheckpointEntry, string>();
  for (const run of new Set(entries.map((entry) => entry.run))) {
    const own = entries.filter((entry) => entry.run === run);
    for (const [entry, reason] of reasonsToKeep(own, { ...policy, ...(metric === undefined ? {} : { metric }) })) {
      reasons.set(entry, reason);
    }
  }
  const links = linkedPaths(entries);
  for (const entry of entries) {
    const reason = outsideReason(entry, links, live);
    if (reason !== undefined) {
      reasons.set(entry, reason);
    }
  }
  const ordered = newestFirst(entries);
  keepShared(ordered, reasons);
  const removed = ordered.filter((entry) => !reasons.has(entry));
  const kept = ordered.flatMap((entry) => {
    const reason = reasons.get(entry);
    return reason === undefined ? [] : [{ entry, reason }];
  });
  return {
    kept,
    removed,
    freedBytes: removed
      .filter((entry) => !hasTwin(entry, kept))
      .reduce((sum, { summary }) => sum + summary.sizeBytes, 0),
    ...(metric === undefined ? {} : { metric }),
  };
}

/** What goes takes no file with it that one of those that stay needs. */
function keepShared(entries: readonly CheckpointEntry[], reasons: Map<CheckpointEntry, string>): void {
  // Those that are found here are looked at as well: a map gives what is added to it while it is walked.
  for (const [kept] of reasons) {
    for (const entry of entries) {
      if (!reasons.has(entry) && (holdsPath(entry.path, kept.path) || holdsPath(kept.path, entry.path))) {
        reasons.set(entry, `it shares files with ${kept.summary.name}`);
      }
    }
  }
}

/** Another name of the same file stays, or is counted itself. */
function hasTwin({ sameFileAs, summary }: CheckpointEntry, kept: PrunePlan["kept"]): boolean {
  return sameFileAs !== undefined || kept.some(({ entry }) => entry.sameFileAs === summary.name);
}

/** The first reason of each is the one that is told. */
function reasonsToKeep(run: readonly CheckpointEntry[], policy: PrunePolicy): Map<CheckpointEntry, string> {
  const reasons = new Map<CheckpointEntry, string>();
  const keep = (entry: CheckpointEntry, reason: string) => {
    reasons.set(entry, reasons.get(entry) ?? reason);
  };
  const newest = newestWhole(run);
  const whole = newestFirst(run).filter(({ summary }) => summary.completeness.state === "whole");
  if (newest === undefined) {
    run.forEach((entry) => keep(entry, "its run has no checkpoint that is whole and safe to load"));
    return reasons;
  }
  keep(newest, "the newest whole one");
  bestOf(run, policy).forEach(({ entry, value }, rank) => {
    keep(entry, `${rank === 0 ? "the best" : `number ${rank + 1}`} by ${policy.metric}: ${renderNumber(value)}`);
  });
  const { chosen } = chooseResumePoint(run);
  if (chosen !== undefined) {
    keep(chosen, "the newest one to resume from");
  }
  whole
    .slice(0, policy.keepLast)
    .forEach((entry, rank) => keep(entry, `number ${rank + 1} of the last ${policy.keepLast}`));
  const { keepEvery } = policy;
  const unit = whole.some(({ summary }) => summary.step !== undefined) ? "step" : "epoch";
  for (const entry of keepEvery === undefined ? [] : whole) {
    const count = entry.summary[unit];
    if (count !== undefined && keepEvery !== undefined && count % keepEvery === 0) {
      keep(entry, `${unit} ${count} is a multiple of ${keepEvery}`);
    }
  }
  return reasons;
}

/** At least the best one, whatever the policy says. */
function bestOf(run: readonly CheckpointEntry[], { keepBest, metric, direction }: PrunePolicy): BestCheckpoint[] {
  const found: BestCheckpoint[] = [];
  const rest = new Set(run);
  for (let rank = 0; rank < Math.max(1, keepBest); rank++) {
    const best = metric === undefined ? undefined : bestBy([...rest], metric, direction);
    if (best === undefined) {
      break;
    }
    found.push(best);
    rest.delete(best.entry);
  }
  return found;
}

function outsideReason(
  entry: CheckpointEntry,
  links: ReadonlyMap<string, string>,
  live: readonly LiveWriter[],
): string | undefined {
  const { path, summary, linkTarget, modifiedMs } = entry;
  const { state, reason } = summary.completeness;
  const link = links.get(path);
  if (state === "writing" || state === "unknown") {
    return state === "writing" ? "it is being written" : `it cannot be judged: ${reason}`;
  }
  if (live.some(({ folder, sinceMs }) => isBelow(folder, path) && modifiedMs >= sinceMs)) {
    return "its run goes on";
  }
  if (linkTarget !== undefined || link !== undefined) {
    return linkTarget === undefined ? `${link} is a link to it` : "it is a link";
  }
  if (mayBeData(entry)) {
    return "its format holds data as well as models";
  }
  return FIXED_NAME.test(summary.name) && state === "whole" ? "scripts look for it by this name" : undefined;
}

/** What links of the folder lead to, by its path, with the name of the link. */
function linkedPaths(entries: readonly CheckpointEntry[]): Map<string, string> {
  return new Map(
    entries.flatMap(({ path, linkTarget, summary }) =>
      linkTarget === undefined ? [] : [[resolveLink(path, linkTarget), summary.name] as const],
    ),
  );
}

/** A relative target is meant from the folder of the link. */
function resolveLink(path: string, target: string): string {
  const slashed = target.replaceAll("\\", "/");
  if (/^(?:\/|[a-z]:)/i.test(slashed)) {
    return target;
  }
  const separator = path.includes("\\") ? "\\" : "/";
  const parts = path.split(separator).slice(0, -1);
  for (const part of slashed.split("/")) {
    if (part === "..") {
      parts.pop();
    } else if (part !== "." && part !== "") {
      parts.push(part);
    }
  }
  return parts.join(separator);
}
