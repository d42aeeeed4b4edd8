import { bestByEach } from "./bestByEach.ts";
import {
  asLoadable,
  type CheckpointEntry,
  furtherThan,
  isWhole,
  newestFirst,
  newestWhole,
  OF_LOADABLE,
  rankBy,
  unitOfFurther,
} from "./checkpointListing.ts";
import { seriesOf } from "./checkpointSeries.ts";
import { type CheckpointWriter, isWrittenBy } from "./checkpointWriter.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { leastTrustOf } from "./importedName.ts";
import { likelyBest } from "./likelyBest.ts";
import { keptOfOtherSizes } from "./otherSizes.ts";
import { type JudgedPolicy, type PrunePolicy, policyFor } from "./prunePolicy.ts";
import { reasonsAlone } from "./reasonsAlone.ts";
import { tornFilesToKeep, tornFoldersToKeep } from "./reasonsInDoubt.ts";
import { chooseResumePoint } from "./resumeChoice.ts";

/** What stays of a whole run, and what more of each series in it. In steps, as `planSteps` is. */
export function* reasonsInRun(
  run: readonly CheckpointEntry[],
  policy: PrunePolicy,
  writers: readonly CheckpointWriter[],
): Generator<void, Map<CheckpointEntry, string>> {
  const series = seriesOf(run, policy.areSaves);
  yield;
  const reasonAlone = reasonsAlone(run);
  yield;
  const keepAlone = (own: readonly CheckpointEntry[]) => new Map(own.map((entry) => [entry, reasonAlone(entry)]));
  const judged = policyFor(run, policy);
  yield;
  const { keepEvery: _, ...ofAll } = judged;
  const isOne = series.length === 1;
  const reasons = reasonsToKeep(run, isOne ? judged : { ...ofAll, keepLast: 0 }, writers);
  for (const own of series) {
    yield;
    const ofSeries = () => (own.length === 1 ? keepAlone(own) : reasonsToKeep(own, policyFor(own, policy), writers));
    for (const [entry, reason] of isOne ? [] : ofSeries()) {
      // A torn file is of no use, even where no other is named like it, unless it is the newest.
      if (!reasons.has(entry) && entry.summary.completeness.state !== "torn") {
        reasons.set(entry, reason);
      }
    }
    for (const entry of tornFoldersToKeep(own).filter((each) => !reasons.has(each))) {
      reasons.set(entry, "it is torn, but what is left of it may be needed: no later one named like it is whole");
    }
    for (const entry of tornFilesToKeep(own, run).filter((each) => !reasons.has(each))) {
      reasons.set(entry, "it is not complete, but may still be being written: no whole one is newer");
    }
  }
  return reasons;
}

/**
 * Whether loading runs a stranger's code says what to load, not what to delete: those that may be loaded are kept as they
 * would be alone, and so are those that would be where any might be. The first reason of each is the one that is told.
 */
function reasonsToKeep(
  run: readonly CheckpointEntry[],
  policy: JudgedPolicy,
  writers: readonly CheckpointWriter[],
): Map<CheckpointEntry, string> {
  if (newestWhole(run) === undefined) {
    return new Map(run.map((entry) => [entry, "its run has no checkpoint that is whole and safe to load"]));
  }
  const ofLoadable = reasonsByNumbers(run, policy, writers);
  if (run.every(({ summary }) => leastTrustOf(summary.imports) === "known")) {
    return ofLoadable;
  }
  const originals = new Map(run.map((entry) => [entry.path, entry]));
  const reasons = new Map<CheckpointEntry, string>();
  for (const [{ path }, reason] of reasonsByNumbers(asLoadable(run), policy, writers)) {
    const entry = originals.get(path);
    if (entry !== undefined) {
      reasons.set(entry, reason);
    }
  }
  for (const [entry, reason] of ofLoadable) {
    reasons.set(entry, reasons.get(entry) ?? `${reason}, ${OF_LOADABLE}`);
  }
  return reasons;
}

/** What stays of a run in which something is whole and may be loaded. */
function reasonsByNumbers(
  run: readonly CheckpointEntry[],
  policy: JudgedPolicy,
  writers: readonly CheckpointWriter[],
): Map<CheckpointEntry, string> {
  const reasons = new Map<CheckpointEntry, string>();
  const keep = (entry: CheckpointEntry, reason: string) => {
    reasons.set(entry, reasons.get(entry) ?? reason);
  };
  const newest = newestWhole(run);
  const whole = newestFirst(run).filter(isWhole);
  if (newest === undefined) {
    return reasons;
  }
  keep(newest, "the newest whole one");
  const further = furtherThan(newest, run);
  if (further !== undefined) {
    const unit = unitOfFurther(newest, further);
    keep(further, `the one with the highest ${unit}, ${further.summary[unit]}`);
  }
  // At least the best one, whatever the policy says.
  const best =
    policy.metric === undefined
      ? []
      : rankBy(run, policy.metric, policy.direction).slice(0, Math.max(1, policy.keepBest));
  best.forEach(({ entry, value }, rank) => {
    keep(entry, `${rank === 0 ? "the best" : `number ${rank + 1}`} by ${policy.metric}: ${renderNumber(value)}`);
  });
  bestByEach(run, policy.metrics, policy.direction).forEach(({ entry, reason }) => keep(entry, reason));
  if (best.length === 0 || !policy.isChosen) {
    likelyBest(run, policy.metrics).forEach(({ entry, reason }) => keep(entry, reason));
  }
  // Trainer knows by which metric; the one that is chosen here may be another.
  run
    .filter(({ summary }) => summary.name === newest.summary.bestName)
    .forEach((entry) => keep(entry, `${newest.summary.name} names it as the best`));
  const { chosen } = chooseResumePoint(run);
  if (chosen !== undefined) {
    keep(chosen, "the newest one to resume from");
  }
  soundBefore(run, writers).forEach(({ entry, text }) => keep(entry, `the newest one to resume from before ${text}`));
  keptOfOtherSizes(whole, policy).forEach(({ entry, reason }) => keep(entry, reason));
  whole
    .slice(0, policy.keepLast)
    .forEach((entry, rank) => keep(entry, `number ${rank + 1} of the last ${policy.keepLast}`));
  const { keepEvery } = policy;
  // A step that is the same in all counts nothing.
  const steps = new Set(whole.flatMap(({ summary }) => summary.step ?? []));
  const unit = steps.size > 1 ? "step" : "epoch";
  for (const entry of keepEvery === undefined ? [] : whole) {
    const count = entry.summary[unit];
    if (count !== undefined && keepEvery !== undefined && count % keepEvery === 0) {
      keep(entry, `${unit} ${count} is a multiple of ${keepEvery}`);
    }
  }
  return reasons;
}

/** What each training whose loss broke can go on from: of its own, or else of earlier ones. */
function soundBefore(
  run: readonly CheckpointEntry[],
  writers: readonly CheckpointWriter[],
): { entry: CheckpointEntry; text: string }[] {
  return writers.flatMap((writer) => {
    const { lossBreak } = writer;
    const own = run.filter((entry) => isWrittenBy(entry, writer));
    if (lossBreak === undefined || own.length === 0) {
      return [];
    }
    const entry = chooseResumePoint(own, lossBreak).chosen ?? chooseResumePoint(run, lossBreak).chosen;
    return entry === undefined ? [] : [{ entry, text: lossBreak.text }];
  });
}
