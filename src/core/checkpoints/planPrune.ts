import { groupBy } from "../base/groupBy.ts";
import { type Judgement, judgementOf } from "./bestByEach.ts";
import { type CheckpointEntry, type CheckpointLink, newestFirst } from "./checkpointListing.ts";
import { folderOf, resolveFrom } from "./checkpointParts.ts";
import type { CheckpointWriter } from "./checkpointWriter.ts";
import { linksInto } from "./linksInto.ts";
import { type PrunePolicy, policyFor, refuseUselessMetric } from "./prunePolicy.ts";
import { keepSavedTogether, outsideReason } from "./reasonsInDoubt.ts";
import { reasonsInRun } from "./reasonsToKeep.ts";
import { keepShared } from "./sharedFiles.ts";

export type PrunePlan = {
  /** Newest first, with the reason as the end of "it stays: …". */
  kept: readonly { entry: CheckpointEntry; reason: string }[];
  /** Newest first. */
  removed: readonly CheckpointEntry[];
  freedBytes: number;
  /** By what the best were found; absent where no metric says it, or not the same one in all runs. */
  metric?: string;
  judgement: Judgement;
  /** Those that a log beside them calls the best. */
  logged: ReadonlySet<CheckpointEntry>;
};

/**
 * Which checkpoints of a folder may go. Each run in it is judged by itself, and in a run each series of names: only a later
 * save of the same thing makes one superfluous. Nothing goes of a run without a whole
 * checkpoint, nothing that cannot be judged or is being written, and nothing that a link leads to.
 *
 * In steps of some milliseconds for a thousand checkpoints, between which a thread may do other things.
 */
export function* planSteps(
  entries: readonly CheckpointEntry[],
  policy: PrunePolicy,
  writers: readonly CheckpointWriter[] = [],
  links: readonly CheckpointLink[] = [],
): Generator<void, PrunePlan> {
  refuseUselessMetric(entries, policy);
  const metrics = new Set<string>();
  const reasons = new Map<CheckpointEntry, string>();
  for (const own of groupBy(entries, ({ run }) => run).values()) {
    const judged = policyFor(own, policy);
    yield;
    (yield* reasonsInRun(own, policy, writers)).forEach((reason, entry) => reasons.set(entry, reason));
    yield;
    if (judged.metric !== undefined) {
      metrics.add(judged.metric);
    }
  }
  const linksTo = linksInto([...links, ...linksAmong(entries)]);
  for (const entry of entries) {
    const reason = outsideReason(entry, linksTo(entry.path), writers);
    if (reason !== undefined) {
      reasons.set(entry, reason);
    }
  }
  const logged = new Set(entries.filter(({ path }) => linksTo(path).some(({ reason }) => reason !== undefined)));
  const [metric] = metrics;
  yield;
  const ordered = newestFirst(entries);
  keepSavedTogether(ordered, reasons);
  yield;
  keepShared(ordered, reasons);
  yield;
  const removed = ordered.filter((entry) => !reasons.has(entry));
  const kept = ordered.flatMap((entry) => {
    const reason = reasons.get(entry);
    return reason === undefined ? [] : [{ entry, reason }];
  });
  return {
    kept,
    removed,
    freedBytes: freedBy(removed, kept),
    logged,
    judgement: judgementOf(entries, removed, policy, logged),
    ...(metric !== undefined && metrics.size === 1 ? { metric } : {}),
  };
}

/** Of a plan that was made again, what was agreed to before: nothing else goes, and nothing that changed meanwhile. */
export function narrowToAgreed(plan: PrunePlan, agreed: readonly CheckpointEntry[], policy: PrunePolicy): PrunePlan {
  const versions = new Set(agreed.map(versionOf));
  const removed = plan.removed.filter((entry) => versions.has(versionOf(entry)));
  const changed = plan.removed.filter((entry) => !versions.has(versionOf(entry)));
  const kept = [...plan.kept, ...changed.map((entry) => ({ entry, reason: "it is not what was agreed to" }))];
  const entries = [...kept.map(({ entry }) => entry), ...removed];
  return {
    ...plan,
    kept,
    removed,
    freedBytes: freedBy(removed, kept),
    judgement: judgementOf(entries, removed, policy, plan.logged),
  };
}

function versionOf({ path, modifiedMs, summary }: CheckpointEntry): string {
  return `${modifiedMs} ${summary.sizeBytes} ${path}`;
}

/** Of files under several names the bytes are free when all names go, and are counted once. */
function freedBy(removed: readonly CheckpointEntry[], kept: PrunePlan["kept"]): number {
  const staying = new Set(kept.map(({ entry }) => entry.sameFileAs));
  return removed
    .filter(({ sameFileAs, summary }) => sameFileAs === undefined && !staying.has(summary.name))
    .reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
}

function linksAmong(entries: readonly CheckpointEntry[]): CheckpointLink[] {
  return entries.flatMap(({ path, linkTarget }) =>
    linkTarget === undefined ? [] : [{ path, target: resolveFrom(folderOf(path), linkTarget) }],
  );
}
