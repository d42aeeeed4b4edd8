import { groupBy } from "../base/groupBy.ts";
import { type CheckpointEntry, newestFirst } from "./checkpointListing.ts";
import { seriesNameOf } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { type CountedRow, type CountUnit, offsetsBetween, type Saves, savesByNumber } from "./logAlignment.ts";
import { type LogRow, rowsOfLog } from "./logRows.ts";
import {
  compareMetricNames,
  inferMetricDirection,
  isBestSoFar,
  isCounter,
  isHeldOutMetric,
  qualitiesWithoutData,
} from "./metricNames.ts";
import { isLoss } from "./resumeChoice.ts";

/* Many trainings keep no metric in a checkpoint, but a log with a row of each epoch beside it. */

/** Files that may be such a log, by their name. */
export const LOG_NAME = /\.(?:csv|tsv|jsonl|json|txt)$/i;
/** More would keep most of the checkpoints of a detector, which logs a dozen. */
const MAX_METRICS = 4;
/** Of one epoch, with the best of each kind of name. */
const MAX_SAVED = 4;
/** Of one log; with more, what tells them apart is a setting that varies rather than one training each. */
const MAX_TRAININGS = 100;
const epochName = /^(?:epochs?|ep)$/i;
const stepName = /^(?:(?:global_?)?steps?|iter(?:ation)?s?)$/i;

/** The checkpoints of the epochs that a log says were best, with the reason as the end of "it stays: …". */
export function loggedBest(
  { name, text, modifiedMs }: { name: string; text: string; modifiedMs: number },
  entries: readonly CheckpointEntry[],
): { entry: CheckpointEntry; reason: string }[] {
  const rows = rowsOfLog(text);
  const names = namesIn(rows);
  const runs = [...groupBy(entries, ({ run }) => run).values()];
  const counters = countersOf(names);
  const counts = counters.map((counter) =>
    countedBy(counter, { rows, modifiedMs, runs, isOnly: counters.length === 1 }),
  );
  return metricsToJudgeBy(names).flatMap((metric) => {
    const found = new Map<CheckpointEntry, Found>();
    for (const { trainings, runs: saved } of counts) {
      const readings = trainings.flatMap((training) => readingsOf(training, metric));
      for (const each of saved.flatMap((run) => bestOfRun(run, readings, metric))) {
        found.set(each.entry, found.get(each.entry) ?? each);
      }
    }
    return [...found.values()].map(({ entry, value, note }) => ({
      entry,
      reason: `likely the best by ${metric} in ${name}: ${renderNumber(value)}${note}`,
    }));
  });
}

function namesIn(rows: readonly LogRow[]): string[] {
  const names = new Set<string>();
  for (const { numbers } of rows) {
    for (const name of numbers.keys()) {
      names.add(name);
    }
  }
  return [...names];
}

type Counter = { name: string; unit: CountUnit };

/** Where a log has both, some files are of an epoch and others of a step, and only their names may tell. */
function countersOf(names: readonly string[]): Counter[] {
  const [epoch, step] = [names.find((each) => epochName.test(each)), names.find((each) => stepName.test(each))];
  return [
    ...(epoch === undefined ? [] : [{ name: epoch, unit: "epoch" as const }]),
    ...(step === undefined ? [] : [{ name: step, unit: "step" as const }]),
  ];
}

type Judged = {
  rows: readonly LogRow[];
  modifiedMs: number;
  runs: readonly (readonly CheckpointEntry[])[];
  /** The log has no other counter, so that each number in a name may be of this one. */
  isOnly: boolean;
};

/** The rows of each training and the saves of each run, by their epoch or by their step. */
function countedBy(
  { name, unit }: Counter,
  { rows, modifiedMs, runs, isOnly }: Judged,
): { trainings: CountedRow[][]; runs: SavedRun[] } {
  const counted = countedRows(rows, name);
  if (counted.length < 2) {
    return { trainings: [], runs: [] };
  }
  const saved = runs.map((run) => {
    const saves = savesByNumber(run, unit, isOnly);
    // Of an epoch whose file is torn nothing is left: the best is another one then.
    const left = run.filter(({ summary }) => summary.completeness.state !== "torn");
    return {
      offsets: offsetsBetween({ rows: counted, modifiedMs }, saves, unit),
      saves: left.length === run.length ? saves : savesByNumber(left, unit, isOnly),
    };
  });
  return { trainings: trainingsOf(rows).map((training) => countedRows(training, name)), runs: saved };
}

const IF_SHIFTED = ", if that counts from another first epoch than the names";
const IF_UNMEASURED = ", as what is not above 0 may not have been measured";

/** `values`: of each epoch or step that was logged. `note`: what has to be so for them to count. */
type Reading = { values: ReadonlyMap<number, number>; note: string };
/** `offsets`: by how much its numbers may differ from those of the log. */
type SavedRun = { saves: Saves; offsets: readonly number[] };
type Found = { entry: CheckpointEntry; value: number; note: string };

function bestOfRun({ saves, offsets }: SavedRun, readings: readonly Reading[], metric: string): Found[] {
  const found = new Map<CheckpointEntry, Found>();
  for (const offset of offsets) {
    for (const { values, note } of readings) {
      const best = bestSaved(saves, { values, metric, offset });
      for (const entry of best === undefined ? [] : savedAt(saves, best.number)) {
        const { value = Number.NaN } = best ?? {};
        found.set(entry, found.get(entry) ?? { entry, value, note: offset === 0 ? note : IF_SHIFTED });
      }
    }
  }
  return [...found.values()];
}

function countedRows(rows: readonly LogRow[], counter: string): CountedRow[] {
  return rows.flatMap(({ numbers }) => {
    const count = numbers.get(counter);
    return count === undefined ? [] : [{ count, row: numbers }];
  });
}

/**
 * The quality and the loss on data that the training does not see, qualities that say no data, then the others; those of the
 * training only where there is nothing else.
 */
function metricsToJudgeBy(names: readonly string[]): string[] {
  const judging = names.filter(
    (name) => inferMetricDirection(name) !== undefined && !isCounter(name) && !isBestSoFar(name),
  );
  const heldOut = judging.filter(isHeldOutMetric).toSorted(compareMetricNames);
  const plain = qualitiesWithoutData(judging).toSorted(compareMetricNames);
  const loss = heldOut.filter((name) => inferMetricDirection(name) === "min");
  const chosen = new Set([...heldOut.slice(0, 1), ...loss.slice(0, 1), ...plain.slice(0, 2), ...heldOut]);
  return (chosen.size > 0 ? [...chosen] : judging.toSorted(compareMetricNames)).slice(0, MAX_METRICS);
}

/** The rows of each training that is in the log: folds and seeds are often written to one. */
function trainingsOf(rows: readonly LogRow[]): (readonly LogRow[])[] {
  const trainings = [...groupBy(rows, ({ training }) => training).values()];
  return trainings.length <= MAX_TRAININGS ? trainings : [rows];
}

/**
 * The values by which a checkpoint may be the best. A training that began anew logs an epoch twice, and may have replaced its
 * checkpoint or not: the best value counts as well as the last. Some write 0 or -1 where no loss was measured.
 */
function readingsOf(rows: readonly CountedRow[], metric: string): Reading[] {
  const best = valuesByCount(rows, metric, (value, than) => isBetter(metric, value, than));
  const last = valuesByCount(rows, metric, () => true);
  const isAsLogged = [...best].every(([count, value]) => last.get(count) === value);
  const readings = (isAsLogged ? [best] : [best, last]).map((values) => ({ values, note: "" }));
  const measured = new Map([...last].filter(([, value]) => value > 0));
  const isDoubtful = isLoss(metric) && measured.size < last.size;
  return [...readings, ...(isDoubtful ? [{ values: measured, note: IF_UNMEASURED }] : [])].filter(({ values }) =>
    isTelling(values),
  );
}

/** Values that are all the same single out none. */
function isTelling(values: ReadonlyMap<number, number>): boolean {
  return new Set(values.values()).size > 1;
}

/** The value of each epoch or step, of several the last that replaces those before. */
function valuesByCount(
  rows: readonly CountedRow[],
  metric: string,
  doesReplace: (value: number, than: number) => boolean,
): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const { count, row } of rows) {
    const [value, than] = [row.get(metric), values.get(count)];
    if (value !== undefined && (than === undefined || doesReplace(value, than))) {
      values.set(count, value);
    }
  }
  return values;
}

function isBetter(metric: string, value: number, than: number | undefined): boolean {
  return than === undefined || (inferMetricDirection(metric) === "min" ? value < than : value > than);
}

/** The best value of those that were saved, with the number of its checkpoint; among equals the first to reach it. */
function bestSaved(
  saves: Saves,
  { values, offset, metric }: { values: Reading["values"]; metric: string; offset: number },
): { number: number; value: number } | undefined {
  let best: { number: number; value: number } | undefined;
  for (const number of [...saves.keys()].toSorted((a, b) => a - b)) {
    const value = values.get(number - offset);
    if (value !== undefined && isBetter(metric, value, best?.value)) {
      best = { number, value };
    }
  }
  return best;
}

/** Of many saves within an epoch it was judged at its end; of several folds each has one. */
function savedAt(saves: Saves, number: number): readonly CheckpointEntry[] {
  const alike = groupBy(saves.get(number) ?? [], ({ summary }) => seriesNameOf(summary).pattern);
  return [...alike.values()].flatMap((saved) => newestFirst(saved).slice(0, saved.length > MAX_SAVED ? 1 : MAX_SAVED));
}
