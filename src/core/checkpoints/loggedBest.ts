import { groupBy } from "../base/groupBy.ts";
import { parseJson } from "../base/parseJson.ts";
import { type CheckpointEntry, newestFirst } from "./checkpointListing.ts";
import { parseSeriesName } from "./checkpointSeries.ts";
import { renderNumber } from "./describeCheckpoint.ts";
import { compareMetricNames, inferMetricDirection, isBestSoFar, isHeldOutMetric } from "./metricNames.ts";

/*
 * Many trainings keep no metric in a checkpoint, but a log with a row of each epoch beside it:
 *
 *   log.csv, results.csv    epoch,loss,val_loss      a line of each epoch: Keras, Ultralytics, timm, Lightning
 *   log.txt                 {"epoch": 3, "test_acc1": 71.2}      DETR, MAE and their kin
 *   history.json            {"val_loss": [0.5, 0.4]}, or a list of what each epoch logged
 */

/** Files that may be such a log, by their name. */
export const LOG_NAME = /\.(?:csv|tsv|jsonl|json|txt)$/i;
/** More would keep most of the checkpoints of a detector, which logs a dozen. */
const MAX_METRICS = 3;
/** Of one epoch, counted either way, with the best of each kind of name. */
const MAX_SAVED = 4;
/** A text that was made to harm may name a million columns, or have as many rows. */
const MAX_COLUMNS = 200;
const MAX_ROWS = 20_000;
const epochName = /^(?:epochs?|ep)$/i;
const stepName = /^(?:(?:global_?)?steps?|iter(?:ation)?s?)$/i;

type Row = ReadonlyMap<string, number>;

/** The checkpoints of the epochs that a log says were best, with the reason as the end of "it stays: …". */
export function loggedBest(
  { name, text }: { name: string; text: string },
  entries: readonly CheckpointEntry[],
): { entry: CheckpointEntry; reason: string }[] {
  const rows = rowsOf(text);
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const counter = names.find((each) => epochName.test(each)) ?? names.find((each) => stepName.test(each));
  const counted = rows.filter((row) => counter !== undefined && row.has(counter));
  if (counter === undefined || counted.length < 2) {
    return [];
  }
  const first = counted.reduce((least, row) => Math.min(least, row.get(counter) ?? least), Number.POSITIVE_INFINITY);
  return metricsToJudgeBy(names).flatMap((metric) => {
    const best = bestRow(counted, metric);
    const count = best?.get(counter);
    if (best === undefined || count === undefined) {
      return [];
    }
    const reason = `likely the best by ${metric} in ${name}: ${renderNumber(best.get(metric) ?? Number.NaN)}`;
    const runs = [...groupBy(entries, ({ run }) => run).values()];
    const saved = runs.flatMap((run) => savedAt({ count, first, isEpoch: epochName.test(counter) }, run));
    return saved.map((entry) => ({ entry, reason }));
  });
}

function rowsOf(text: string): Row[] {
  const whole = parseJson(text);
  if (Array.isArray(whole)) {
    return whole.slice(0, MAX_ROWS).map(rowOf);
  }
  if (typeof whole === "object" && whole !== null) {
    return rowsOfCurves(Object.entries(whole));
  }
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, MAX_ROWS);
  return lines[0]?.startsWith("{") ? lines.map((line) => rowOf(parseJson(line))) : rowsOfTable(lines);
}

function rowOf(value: unknown): Row {
  const pairs = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return new Map(pairs.filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}

/** A value of each epoch under each name, as Keras gives its history; epochs are counted from 0 where it does not say. */
function rowsOfCurves(pairs: readonly [string, unknown][]): Row[] {
  const curves = pairs
    .flatMap(([name, value]) => (Array.isArray(value) ? [[name, value] as const] : []))
    .slice(0, MAX_COLUMNS);
  const length = Math.min(MAX_ROWS, Math.max(0, ...curves.map(([, values]) => values.length)));
  return Array.from({ length }, (_, at) =>
    rowOf({ epoch: at, ...Object.fromEntries(curves.map(([name, values]) => [name, values[at]])) }),
  );
}

function rowsOfTable([head = "", ...lines]: readonly string[]): Row[] {
  const separator = head.includes("\t") ? "\t" : ",";
  const names = head.split(separator, MAX_COLUMNS).map((name) => name.trim());
  return lines.map((line) => {
    const cells = line.split(separator).map((cell) => cell.trim());
    const pairs = names.map((name, at): [string, number] => [name, Number(cells[at] || Number.NaN)]);
    return new Map(pairs.filter(([, value]) => Number.isFinite(value)));
  });
}

/** Those on data that the training does not see; others where there is none. */
function metricsToJudgeBy(names: readonly string[]): string[] {
  const judging = names.filter((name) => inferMetricDirection(name) !== undefined && !isBestSoFar(name));
  const heldOut = judging.filter(isHeldOutMetric);
  return (heldOut.length > 0 ? heldOut : judging).toSorted(compareMetricNames).slice(0, MAX_METRICS);
}

/** Undefined where all are the same. */
function bestRow(rows: readonly Row[], metric: string): Row | undefined {
  const sign = inferMetricDirection(metric) === "min" ? 1 : -1;
  const known = rows.filter((row) => row.has(metric));
  const ordered = known.toSorted((a, b) => sign * ((a.get(metric) ?? 0) - (b.get(metric) ?? 0)));
  return ordered[0]?.get(metric) === ordered.at(-1)?.get(metric) ? undefined : ordered[0];
}

/** A log and names of files may count from another first epoch; where that cannot be told, both that it may be. */
function savedAt(
  { count, first, isEpoch }: { count: number; first: number; isEpoch: boolean },
  run: readonly CheckpointEntry[],
): readonly CheckpointEntry[] {
  const numbersOf = ({ summary: { name, epoch = -1, step = -1 } }: CheckpointEntry) => [
    isEpoch ? epoch : step,
    ...parseSeriesName(name).numbers,
  ];
  const isFromZero = run.some((entry) => numbersOf(entry).includes(0));
  const other = first === 0 ? count + 1 : isFromZero ? count - 1 : count;
  const saved = run.filter((entry) => numbersOf(entry).some((number) => number === count || number === other));
  // Of many saves within an epoch it was judged at its end.
  return newestFirst(saved).slice(0, saved.length > MAX_SAVED ? 1 : MAX_SAVED);
}
