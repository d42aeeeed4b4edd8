import type { CheckpointEntry } from "./checkpointListing.ts";
import { seriesNameOf } from "./checkpointSeries.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import type { LogRow } from "./logRows.ts";
import { namedFactsOf } from "./namedFacts.ts";

/** `count`: its epoch or step. */
export type CountedRow = { count: number; row: LogRow["numbers"] };

export type CountUnit = "epoch" | "step";

/** The checkpoints of a run by each number that may be their epoch or step. */
export type Saves = ReadonlyMap<number, readonly CheckpointEntry[]>;

/**
 * By the numbers of their names, and by the epoch or step inside. `isOnly`: there is no other unit, so that a number which the name
 * gives to the other counts as well.
 */
export function savesByNumber(run: readonly CheckpointEntry[], unit: CountUnit, isOnly: boolean): Saves {
  // A step that is the same in all counts nothing.
  const isCounting = unit === "epoch" || new Set(run.map(({ summary }) => summary.step)).size > 1;
  const saves = new Map<number, CheckpointEntry[]>();
  for (const entry of run) {
    const inside = isCounting ? entry.summary[unit] : undefined;
    const numbers = [...numbersIn(entry.summary, unit, isOnly), ...(inside === undefined ? [] : [inside])];
    for (const number of new Set(numbers)) {
      const saved = saves.get(number) ?? [];
      saved.push(entry);
      saves.set(number, saved);
    }
  }
  return saves;
}

/** Of `epoch_3_step_1200.pt` the one that the name calls so, else all that count. */
function numbersIn(summary: CheckpointSummary, unit: CountUnit, isOnly: boolean): readonly number[] {
  const { numbers } = seriesNameOf(summary);
  const facts = namedFactsOf(summary);
  const [named, other] = unit === "epoch" ? [facts.epoch, facts.step] : [facts.step, facts.epoch];
  if (named !== undefined && numbers.includes(named)) {
    return [named];
  }
  return isOnly ? numbers : numbers.filter((number) => number !== other);
}

/**
 * By how much the number of a checkpoint may differ from that of its row. One of both may count from 0 and the other from 1,
 * and the files cannot tell, as their first may be gone; but where both begin and end with the same number, and where the
 * files hold the very values of the rows of their numbers, they count alike.
 */
export function offsetsBetween(
  { rows, modifiedMs }: { rows: readonly CountedRow[]; modifiedMs: number },
  saves: Saves,
  unit: CountUnit,
): readonly number[] {
  const startsAtZero = rows.some(({ count }) => count === 0);
  const shifts = unit === "epoch" ? [startsAtZero ? 1 : -1] : [1, -1];
  const isAligned = (haveSameEnds(rows, saves) && isUpToDate(modifiedMs, saves)) || areSameValues(rows, saves, shifts);
  return isAligned ? [0] : [0, ...shifts];
}

function haveSameEnds(rows: readonly CountedRow[], saves: Saves): boolean {
  const counts = rows.map(({ count }) => count).toSorted((a, b) => a - b);
  const numbers = numbersOf(saves);
  const entries = [...saves.values()].flat();
  const hasOneNumberEach = new Set(entries).size === entries.length;
  return hasOneNumberEach && counts[0] === numbers[0] && counts.at(-1) === numbers.at(-1);
}

/** Whether the log was written about when the last was saved, or later: one that lags behind lacks a row at its end. */
function isUpToDate(modifiedMs: number, saves: Saves): boolean {
  const [first = 0, second = first] = numbersOf(saves).slice(-2);
  const [before = [], last = []] = [first, second].map((number) =>
    (saves.get(number) ?? []).map((entry) => entry.modifiedMs),
  );
  const lastMs = Math.min(...last);
  const epochMs = (lastMs - Math.max(...before)) / Math.max(1, second - first);
  return modifiedMs >= lastMs - epochMs / 2;
}

function numbersOf(saves: Saves): number[] {
  return [...saves.keys()].toSorted((a, b) => a - b);
}

/** Logs are often rounded. */
const TOLERANCE = 1e-3;

/** Whether several checkpoints hold the values of the rows of their numbers, and not those of the rows beside. */
function areSameValues(rows: readonly CountedRow[], saves: Saves, shifts: readonly number[]): boolean {
  const own = comparedValues(rows, saves, 0);
  const isShifted = shifts.some((offset) => !comparedValues(rows, saves, offset).includes(false));
  return own.length > 1 && !own.includes(false) && !isShifted;
}

/** Of each value that a row and the checkpoint of its number both have, whether it is the same. */
function comparedValues(rows: readonly CountedRow[], saves: Saves, offset: number): boolean[] {
  return rows.flatMap(({ count, row }) =>
    (saves.get(count + offset) ?? []).flatMap(({ summary }) =>
      Object.entries(summary.metrics).flatMap(([name, value]) => {
        const logged = row.get(name);
        return logged === undefined ? [] : [Math.abs(value - logged) <= TOLERANCE * Math.abs(value)];
      }),
    ),
  );
}
