import { isStateName } from "./checkpointName.ts";
import { seriesNameOf } from "./checkpointSeries.ts";
import { type CheckpointFormat, type CheckpointSummary, TORN_AFTER_MS } from "./checkpointSummary.ts";
import { leastTrustOf } from "./importedName.ts";
import {
  compareMetricNames,
  inferMetricDirection,
  isBestSoFar,
  isCounter,
  isHeldOutMetric,
  type MetricDirection,
} from "./metricNames.ts";

/** One checkpoint in a folder, whether a file or a folder of its own. */
export type CheckpointEntry = {
  /** Absolute. */
  path: string;
  /** The folder between the listed one and this checkpoint, as in `checkpoints/<run>/last.pt`. */
  run?: string;
  /** Where a symbolic link leads; the same checkpoint may then be listed twice. */
  linkTarget?: string;
  /** The name of an entry that is the same file (a hard link), and whose bytes are counted there. */
  sameFileAs?: string;
  /** The finished model that a training left beside its checkpoints: weights alone, from which none goes on. */
  isFinal?: true;
  modifiedMs: number;
  /** Another one whenever the checkpoint may have changed; absent where it was not listed. */
  version?: string;
  summary: CheckpointSummary;
};

/**
 * A symbolic link, to a file or a folder, or a file that names one, with what it leads to; both absolute. `reason`: what else
 * it says of it, as the end of "it stays: …".
 */
export type CheckpointLink = { path: string; target: string; isText?: true; reason?: string };

export type UnreadableFile = { path: string; reason: string };

export type CheckpointListing =
  | {
      kind: "listed";
      folder: string;
      entries: readonly CheckpointEntry[];
      /** Files under names that say they are not finished: `.tmp`, `.part`, `~`. */
      temporary: readonly { path: string; sizeBytes: number }[];
      unreadable: readonly UnreadableFile[];
      /** Every one of the folder, whatever it leads to; one of several steps is listed for the first and the last. */
      links?: readonly CheckpointLink[];
      /** Folders in it that were not looked into, since there are too many; what they hold is missing here. */
      leftOut?: number;
    }
  | { kind: "folder-missing"; folder: string; message: string }
  | { kind: "folder-unreadable"; folder: string; message: string };

export type BestCheckpoint = { entry: CheckpointEntry; metric: string; value: number; direction: MetricDirection };

/** Formats that hold anything: what lies in a file of theirs need not be a model. */
const anyContentFormats: ReadonlySet<CheckpointFormat> = new Set(["npy", "npz", "pickle", "joblib"]);

/** Its name below the listed folder, as in `run-2/last.pt`. */
export function entryName({ run, summary }: CheckpointEntry): string {
  return run === undefined ? summary.name : `${run}/${summary.name}`;
}

export function isWhole({ summary }: CheckpointEntry): boolean {
  return summary.completeness.state === "whole";
}

/** Newest first: by time of change, then by step and epoch, as files of one copy often share a time. */
export function newestFirst(entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  return entries.toSorted(
    (a, b) =>
      b.modifiedMs - a.modifiedMs ||
      (b.summary.step ?? -1) - (a.summary.step ?? -1) ||
      (b.summary.epoch ?? -1) - (a.summary.epoch ?? -1) ||
      (a.path < b.path ? -1 : 1),
  );
}

/** The checkpoint to resume from: the newest that is proven whole and may be loaded, past any torn ones. */
export function newestWhole(entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  return newestFirst(wholeAndLoadable(entries))[0];
}

/**
 * The one of the same run and kind of name with the highest step, where that is higher than the step of this one although it
 * is older: copying gives files the time of the copy, and an earlier attempt may have come further. By the epoch where it has
 * no step, or all have the same.
 */
export function furtherThan(newest: CheckpointEntry, entries: readonly CheckpointEntry[]): CheckpointEntry | undefined {
  const { run, summary } = newest;
  const { pattern } = seriesNameOf(summary);
  const alike = newestFirst(wholeAndLoadable(entries)).filter(
    (entry) => entry.run === run && seriesNameOf(entry.summary).pattern === pattern,
  );
  const unit = unitOf(newest, alike);
  const reached = (entry: CheckpointEntry) => entry.summary[unit] ?? Number.NEGATIVE_INFINITY;
  return alike
    .filter((entry) => summary[unit] !== undefined && reached(entry) > reached(newest))
    .reduce<CheckpointEntry | undefined>(
      (best, entry) => (best === undefined || reached(entry) > reached(best) ? entry : best),
      undefined,
    );
}

/** What tells how far it came: a step that is the same in all counts nothing. */
function unitOf({ summary: { step } }: CheckpointEntry, alike: readonly CheckpointEntry[]): "step" | "epoch" {
  return alike.some(({ summary }) => summary.step !== step) ? "step" : "epoch";
}

/** By what the further one came further than the newest. */
export function unitOfFurther(newest: CheckpointEntry, further: CheckpointEntry): "step" | "epoch" {
  return further.summary.step === newest.summary.step ? "epoch" : "step";
}

/** What a person is told of it, as a sentence. */
export function describeFurther(newest: CheckpointEntry, further: CheckpointEntry): string {
  const unit = unitOfFurther(newest, further);
  return (
    `${entryName(further)} is of a higher ${unit} (${further.summary[unit]}) than ${entryName(newest)} (${newest.summary[unit]}), ` +
    `but older by the time of its files. Copying changes that: take it then. Where the training began anew, it is of the attempt before.`
  );
}

/**
 * Whole checkpoints that loading does not turn into somebody's program. Those that import code of their own are left
 * out beside ones that do not, and taken where a training writes no others; dangerous ones never are.
 */
function wholeAndLoadable(entries: readonly CheckpointEntry[]): readonly CheckpointEntry[] {
  const isLoadable = loadable(entries);
  return entries.filter((entry) => isWhole(entry) && isLoadable(entry));
}

/** Which of these checkpoints may be loaded, whole or not, by the rule of `newestWhole`. */
export function loadable(entries: readonly CheckpointEntry[]): (entry: CheckpointEntry) => boolean {
  const whole = entries.filter(isWhole);
  const isMeant = meantAsCheckpoint(whole);
  const isKnownWanted = whole.some((entry) => isMeant(entry) && leastTrustOf(entry.summary.imports) === "known");
  return (entry) => {
    const trust = leastTrustOf(entry.summary.imports);
    const isTrusted = trust === "known" || (trust === "unlisted" && !isKnownWanted);
    return !isWhole(entry) || (isMeant(entry) && isTrusted);
  };
}

/** What is said of one that is the best or the newest only beside others that import code. */
export const OF_LOADABLE = "of those that load without code of their own";

/** The same as if none imported code, for what says nothing about loading, such as which is the best; found again by path. */
export function asLoadable(entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  return entries.map((entry) => ({ ...entry, summary: { ...entry.summary, imports: [] } }));
}

function meantAsCheckpoint(entries: readonly CheckpointEntry[]): (entry: CheckpointEntry) => boolean {
  const hasOthers = entries.some((entry) => !isPassedOver(entry));
  return (entry) => (hasOthers ? !isPassedOver(entry) : entry.summary.format !== "npy");
}

/**
 * What often lies beside the checkpoints of a training and is none: arrays, pickles, the optimizer's own files, the finished
 * model. A training that writes nothing else means it.
 */
export function isPassedOver(entry: CheckpointEntry): boolean {
  return entry.isFinal === true || mayBeData(entry) || isStateName(entry.summary.name);
}

/** Whether a file is of a format that holds anything, so that nothing says it is a checkpoint. */
export function mayBeData({ summary }: CheckpointEntry): boolean {
  return anyContentFormats.has(summary.format);
}

/** The whole and loadable checkpoint with the best value of a metric; undefined where `rankBy` finds none. */
export function bestBy(
  entries: readonly CheckpointEntry[],
  metric: string,
  direction?: MetricDirection,
): BestCheckpoint | undefined {
  return rankBy(entries, metric, direction)[0];
}

/**
 * The whole and loadable checkpoints by a metric, the best first; among equals the newest. NaN and infinity, as of a training
 * that broke, are left out. None where none carries the metric, or where neither its name nor the caller says whether less
 * or more is better.
 */
export function rankBy(
  entries: readonly CheckpointEntry[],
  metric: string,
  direction: MetricDirection | undefined = inferMetricDirection(metric),
): BestCheckpoint[] {
  const known = newestFirst(wholeAndLoadable(entries)).flatMap((entry) => {
    const value = entry.summary.metrics[metric];
    return direction === undefined || value === undefined || !Number.isFinite(value)
      ? []
      : [{ entry, metric, value, direction }];
  });
  return known.toSorted((a, b) => (direction === "min" ? a.value - b.value : b.value - a.value));
}

/**
 * The metric to judge checkpoints by: the one that the training itself goes by, where that can be told. Else of those on
 * held-out data the one that most carry, since one that was saved in the middle of an epoch has only a training loss; of the
 * others where there is none. What only names tell comes after what the files hold. `best_…` tells the past, not the file.
 */
export function chooseMetric(entries: readonly CheckpointEntry[]): string | undefined {
  const own = metricOfTraining(entries);
  if (own !== undefined) {
    return own;
  }
  const judging = tellingMetrics(entries).filter(
    ([metric]) => inferMetricDirection(metric) !== undefined && !isBestSoFar(metric),
  );
  const heldOut = judging.filter(([metric]) => isHeldOutMetric(metric));
  const fitting = heldOut.length > 0 ? heldOut : judging;
  const inside = fitting.filter(([, { isInside }]) => isInside);
  const judged = inside.length > 0 ? inside : fitting;
  const most = Math.max(0, ...judged.map(([, { count }]) => count));
  return judged
    .filter(([, { count }]) => count === most)
    .map(([metric]) => metric)
    .toSorted(compareMetricNames)[0];
}

/** How a metric is carried: by how many, by a file itself and not only by its name, with which values by whole ones. */
type Carried = { count: number; isInside: boolean; values: number[] };

/**
 * All metrics but those that are the same in all, where others tell checkpoints apart: else they may be equally good. The same
 * in all names is a setting, such as `precision_16`.
 */
export function tellingMetrics(entries: readonly CheckpointEntry[]): [metric: string, carried: Carried][] {
  const metrics = new Map<string, Carried>();
  for (const { summary } of entries) {
    for (const [metric, value] of Object.entries(summary.metrics)) {
      const known = metrics.get(metric) ?? { count: 0, isInside: false, values: [] };
      known.count += 1;
      known.isInside ||= summary.namedMetrics?.includes(metric) !== true;
      known.values.push(...(summary.completeness.state === "whole" ? [value] : []));
      metrics.set(metric, known);
    }
  }
  const isAnyTold = [...metrics].some(([metric, { values }]) => !isCounter(metric) && new Set(values).size > 1);
  return [...metrics].filter(([, { values, isInside }]) => !isConstant(values) || (isInside && !isAnyTold));
}

/** Whether several have the same value, so that it does not say which is better. */
export function isConstant(values: readonly number[]): boolean {
  return values.length > 1 && new Set(values).size === 1;
}

/** Trainer names its best checkpoint and the value, not the metric: the only one of that checkpoint with this value. */
function metricOfTraining(entries: readonly CheckpointEntry[]): string | undefined {
  const newest = newestFirst(entries).find(({ summary }) => summary.bestName !== undefined);
  const best = entries.find(({ run, summary }) => run === newest?.run && summary.name === newest?.summary.bestName);
  const names = Object.entries(best?.summary.metrics ?? {})
    .filter(([name, value]) => isHeldOutMetric(name) && value === newest?.summary.metrics["best_metric"])
    .map(([name]) => name);
  const [name] = names;
  return names.length === 1 && name !== undefined && inferMetricDirection(name) !== undefined ? name : undefined;
}

/** An incomplete file that changed moments ago is being written, not torn. */
export function judgeFreshness(summary: CheckpointSummary, ageMs: number): CheckpointSummary {
  if (summary.completeness.state !== "torn" || ageMs >= TORN_AFTER_MS) {
    return summary;
  }
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  const reason = `changed ${seconds} s ago; ${summary.completeness.reason}`;
  return { ...summary, completeness: { state: "writing", reason } };
}
