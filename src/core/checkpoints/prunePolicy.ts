import { UserError } from "../base/errors.ts";
import { bestByEach, type Judgement, judgementOf, metricsToJudgeBy } from "./bestByEach.ts";
import {
  type BestCheckpoint,
  bestBy,
  type CheckpointEntry,
  type CheckpointLink,
  furtherThan,
  mayBeData,
  newestFirst,
  newestWhole,
} from "./checkpointListing.ts";
import { folderOf, holdsPath, isBelow, nameIn, resolveFrom } from "./checkpointParts.ts";
import { parseSeriesName, seriesOf } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { likelyBest } from "./likelyBest.ts";
import { linksInto } from "./linksInto.ts";
import { compareMetricNames, inferMetricDirection, type MetricDirection } from "./metricNames.ts";
import { keptOfOtherSizes } from "./otherSizes.ts";
import { reasonsAlone } from "./reasonsAlone.ts";
import { chooseResumePoint, type LossBreak } from "./resumeChoice.ts";

/** How many checkpoints of each series of a run stay. The best and the newest whole one stay in any case. */
export type PrunePolicy = {
  keepBest: number;
  keepLast: number;
  /** Those whose step (epoch, where none has a step) is a multiple of it. */
  keepEvery?: number;
  /** Which metric says what is best; by default the one that decides in a listing. */
  metric?: string;
  direction?: MetricDirection;
  /** A person says that the numbers in the names count saves, also where they may say which model it is. */
  areSaves?: boolean;
};

export type PrunePlan = {
  /** Newest first, with the reason as the end of "it stays: …". */
  kept: readonly { entry: CheckpointEntry; reason: string }[];
  /** Newest first. */
  removed: readonly CheckpointEntry[];
  freedBytes: number;
  /** By what the best were found; absent where no metric says it, or not the same one in all runs. */
  metric?: string;
  judgement: Judgement;
};

/** A training that is known: what it saved, while it goes on, is its own to keep or to delete. */
export type CheckpointWriter = {
  /** Absent where that is not known, and may be anywhere. */
  folder?: string;
  sinceMs: number;
  /** Absent while it goes on or waits. */
  untilMs?: number;
  /** Absolute paths in its command, of which one may be what it goes on from. */
  named?: readonly string[];
  lossBreak?: LossBreak;
};

/** Scripts look for these under exactly this name. */
const FIXED_NAME =
  /^(?:(?:model|checkpoint|ckpt)[-_.]?)?(?:best|last|latest|final)(?:[-_.]?(?:model|checkpoint|ckpt|weights))?(?:\.[a-z0-9]+)*$/i;

/**
 * Which checkpoints of a folder may go. Each run in it is judged by itself, and in a run each series of names: only a later
 * save of the same thing makes one superfluous. Nothing goes of a run without a whole
 * checkpoint, nothing that cannot be judged or is being written, and nothing that a link leads to.
 */
export function planPrune(
  entries: readonly CheckpointEntry[],
  policy: PrunePolicy,
  writers: readonly CheckpointWriter[] = [],
  links: readonly CheckpointLink[] = [],
): PrunePlan {
  refuseUselessMetric(entries, policy);
  const metrics = new Set<string>();
  const reasons = new Map<CheckpointEntry, string>();
  for (const run of new Set(entries.map((entry) => entry.run))) {
    const own = entries.filter((entry) => entry.run === run);
    const judged = policyFor(own, policy);
    reasonsInRun(own, policy, writers).forEach((reason, entry) => reasons.set(entry, reason));
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
  const [metric] = metrics;
  const ordered = newestFirst(entries);
  keepSavedTogether(ordered, reasons);
  keepShared(ordered, reasons);
  const removed = ordered.filter((entry) => !reasons.has(entry));
  const kept = ordered.flatMap((entry) => {
    const reason = reasons.get(entry);
    return reason === undefined ? [] : [{ entry, reason }];
  });
  return {
    kept,
    removed,
    freedBytes: freedBy(removed, kept),
    judgement: judgementOf(entries, removed, policy),
    ...(metric !== undefined && metrics.size === 1 ? { metric } : {}),
  };
}

/** Of a plan that was made again, what was agreed to before: nothing else goes, and nothing that changed meanwhile. */
export function narrowToAgreed(plan: PrunePlan, agreed: readonly CheckpointEntry[]): PrunePlan {
  const versions = new Set(agreed.map(versionOf));
  const removed = plan.removed.filter((entry) => versions.has(versionOf(entry)));
  const changed = plan.removed.filter((entry) => !removed.includes(entry));
  const kept = [...plan.kept, ...changed.map((entry) => ({ entry, reason: "it is not what was agreed to" }))];
  return { ...plan, kept, removed, freedBytes: freedBy(removed, kept) };
}

function versionOf({ path, modifiedMs, summary }: CheckpointEntry): string {
  return `${modifiedMs} ${summary.sizeBytes} ${path}`;
}

function freedBy(removed: readonly CheckpointEntry[], kept: PrunePlan["kept"]): number {
  return removed.filter((entry) => !hasTwin(entry, kept)).reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
}

/** A policy that names a metric means it: one that nothing can be judged by would let the best one go. */
function refuseUselessMetric(entries: readonly CheckpointEntry[], { metric, direction }: PrunePolicy): void {
  if (metric === undefined || entries.length === 0) {
    return;
  }
  const known = new Set(entries.flatMap(({ summary }) => Object.keys(summary.metrics)));
  const others = [...known].filter((name) => name !== metric && inferMetricDirection(name) !== undefined);
  const next =
    others.length === 0
      ? "Prune without naming a metric."
      : `Choose one of these instead: ${others.toSorted(compareMetricNames).slice(0, MAX_NAMED).join(", ")}.`;
  if (!known.has(metric)) {
    throw new UserError(`No checkpoint here carries ${metric}, so nothing was planned. ${next}`);
  }
  if ((direction ?? inferMetricDirection(metric)) === undefined) {
    throw new UserError(`Whether less or more of ${metric} is better cannot be told from its name. ${next}`);
  }
}

const MAX_NAMED = 8;

/** `metrics`: those of which the best stays each, the one of the policy first. */
type JudgedPolicy = PrunePolicy & { metrics: readonly string[] };

/** Runs log different metrics; one that has not the wanted one is judged by its own. */
function policyFor(run: readonly CheckpointEntry[], policy: PrunePolicy): JudgedPolicy {
  const { metric, direction: _, ...rest } = policy;
  if (metric !== undefined && run.some(({ summary }) => summary.metrics[metric] !== undefined)) {
    return { ...policy, metrics: [metric] };
  }
  const metrics = metricsToJudgeBy(run);
  const [own] = metrics;
  return { ...rest, ...(own === undefined ? {} : { metric: own }), metrics };
}

/** What goes takes no file with it that one of those that stay needs. */
function keepShared(entries: readonly CheckpointEntry[], reasons: Map<CheckpointEntry, string>): void {
  // Those that are found here are looked at as well: a map gives what is added to it while it is walked.
  for (const [kept] of reasons) {
    for (const entry of entries) {
      if (!reasons.has(entry) && (holds(kept, entry.path) || filesOf(kept).some((file) => holds(entry, file)))) {
        reasons.set(entry, `it shares files with ${kept.summary.name}`);
      }
    }
  }
}

function holds({ path, summary }: CheckpointEntry, other: string): boolean {
  return holdsPath(path, other, summary.parts);
}

/** Of a model in several files those that its index names, itself first. */
function filesOf({ path, summary: { name, parts = [] } }: CheckpointEntry): string[] {
  return [path, ...parts.map((part) => path.slice(0, -name.length) + part)];
}

/** Another name of the same file stays, or is counted itself. */
function hasTwin({ sameFileAs, summary }: CheckpointEntry, kept: PrunePlan["kept"]): boolean {
  return sameFileAs !== undefined || kept.some(({ entry }) => entry.sameFileAs === summary.name);
}

/** What stays of a whole run, and what more of each series in it. */
function reasonsInRun(
  run: readonly CheckpointEntry[],
  policy: PrunePolicy,
  writers: readonly CheckpointWriter[],
): Map<CheckpointEntry, string> {
  const series = seriesOf(run, policy.areSaves);
  const reasonAlone = reasonsAlone(run);
  const keepAlone = (own: readonly CheckpointEntry[]) => new Map(own.map((entry) => [entry, reasonAlone(entry)]));
  const judged = policyFor(run, policy);
  const { keepEvery: _, ...ofAll } = judged;
  const isOne = series.length === 1;
  const reasons = reasonsToKeep(run, isOne ? judged : { ...ofAll, keepLast: 0 }, writers);
  for (const own of series) {
    const more = own.length === 1 ? keepAlone(own) : reasonsToKeep(own, policyFor(own, policy), writers);
    for (const [entry, reason] of isOne ? [] : more) {
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

/** Of a folder that lacks something, the rest may be whole: such as the weights of one that was made smaller or downloaded. */
function tornFoldersToKeep(series: readonly CheckpointEntry[]): readonly CheckpointEntry[] {
  const newest = newestWhole(series);
  return newestFirst(series)
    .slice(0, newest === undefined ? series.length : newestFirst(series).indexOf(newest))
    .filter(({ summary }) => summary.kind === "folder" && summary.completeness.state === "torn");
}

function isWhole({ summary }: CheckpointEntry): boolean {
  return summary.completeness.state === "whole";
}

/** A writer may pause for minutes, such as one whose disk is remote: only a later whole one shows that it came past this file. */
function tornFilesToKeep(
  series: readonly CheckpointEntry[],
  run: readonly CheckpointEntry[],
): readonly CheckpointEntry[] {
  const [newest] = newestFirst((series.some(isWhole) ? series : run).filter(isWhole));
  return series.filter(
    ({ modifiedMs, summary }) =>
      summary.kind === "file" &&
      summary.completeness.state === "torn" &&
      (newest === undefined || modifiedMs > newest.modifiedMs),
  );
}

/** A model whose optimizer went, or a rank without the others, is of no use: what bears the numbers of one that stays does too. */
function keepSavedTogether(ordered: readonly CheckpointEntry[], reasons: Map<CheckpointEntry, string>): void {
  const whole = ordered.filter(isWhole);
  const staying = new Map<string, string>();
  for (const entry of whole.filter((each) => reasons.has(each))) {
    const save = saveOf(entry);
    if (save !== undefined) {
      staying.set(save, entry.summary.name);
    }
  }
  for (const entry of whole.filter((each) => !reasons.has(each))) {
    const other = staying.get(saveOf(entry) ?? "");
    if (other !== undefined) {
      reasons.set(entry, `it belongs to ${other} by its number`);
    }
  }
}

/** Equal for what one run saved under the same numbers; undefined for a name without any. */
function saveOf({ run, summary: { name } }: CheckpointEntry): string | undefined {
  const { numbers } = parseSeriesName(name);
  return numbers.length === 0 ? undefined : JSON.stringify([run, ...numbers]);
}

/** The first reason of each is the one that is told. */
function reasonsToKeep(
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
    run.forEach((entry) => keep(entry, "its run has no checkpoint that is whole and safe to load"));
    return reasons;
  }
  keep(newest, "the newest whole one");
  const further = furtherThan(newest, run);
  if (further !== undefined) {
    keep(further, `the one with the highest step, ${further.summary.step}`);
  }
  const best = bestOf(run, policy);
  best.forEach(({ entry, value }, rank) => {
    keep(entry, `${rank === 0 ? "the best" : `number ${rank + 1}`} by ${policy.metric}: ${renderNumber(value)}`);
  });
  bestByEach(run, policy.metrics, policy.direction).forEach(({ entry, reason }) => keep(entry, reason));
  if (best.length === 0) {
    likelyBest(run).forEach(({ entry, reason }) => keep(entry, reason));
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
  const unit = whole.some(({ summary }) => summary.step !== undefined) ? "step" : "epoch";
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

/** Whether a training can have saved a checkpoint, by place and time. */
export function isWrittenBy(
  { path, modifiedMs }: CheckpointEntry,
  { folder, sinceMs, untilMs = Number.POSITIVE_INFINITY }: CheckpointWriter,
): boolean {
  return modifiedMs >= sinceMs && modifiedMs <= untilMs && (folder === undefined || isBelow(folder, path));
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
  links: readonly CheckpointLink[],
  writers: readonly CheckpointWriter[],
): string | undefined {
  const { path, run = "", summary, linkTarget } = entry;
  const { state, reason } = summary.completeness;
  const link = links.find((each) => each.path !== path && holds(entry, each.target));
  if (state === "writing" || state === "unknown") {
    return state === "writing" ? "it is being written" : `it cannot be judged: ${reason}`;
  }
  const live = writers.filter(({ untilMs }) => untilMs === undefined);
  if (live.some((writer) => isWrittenBy(entry, writer))) {
    return "its run goes on";
  }
  if (live.some(({ named = [] }) => named.some((each) => holds(entry, each)))) {
    return "a run that goes on or waits was started with it";
  }
  if (linkTarget !== undefined || link !== undefined) {
    return link === undefined ? "it is a link" : `${nameIn(link.path)} ${link.isText ? "names it" : "is a link to it"}`;
  }
  if (mayBeData(entry)) {
    return "its format holds data as well as models";
  }
  if (state === "whole" && run.split(/[\\/]/).some((folder) => FIXED_NAME.test(folder))) {
    return "scripts look for its folder by this name";
  }
  return FIXED_NAME.test(summary.name) && state === "whole" ? "scripts look for it by this name" : undefined;
}

function linksAmong(entries: readonly CheckpointEntry[]): CheckpointLink[] {
  return entries.flatMap(({ path, linkTarget }) =>
    linkTarget === undefined ? [] : [{ path, target: resolveFrom(folderOf(path), linkTarget) }],
  );
}
