import { groupBy } from "../base/groupBy.ts";
import type { CheckpointEntry } from "./checkpointListing.ts";
import { seriesNameOf, seriesOf } from "./checkpointSeries.ts";

/** Why one stays of which a person decides who says that numbers count saves. */
export const MAY_BE_MODEL = "its number may say which model it is, not when it was saved";
const ONLY_ONE = "no other is named like it";
const SAME_NUMBER =
  "some that are named like it have the same number: prune needs each training in a folder of its own";

/** Why each checkpoint of a run stays that is no save of a series, and which no later one replaces therefore. */
export function reasonsAlone(run: readonly CheckpointEntry[]): (entry: CheckpointEntry) => string {
  const alike = new Map([...groupBy(run, patternOf)].map(([pattern, named]) => [pattern, reasonFor(named)]));
  const ifSaves = new Set(seriesOf(run, true).flatMap((series) => (series.length > 1 ? series : [])));
  return (entry) => (ifSaves.has(entry) ? MAY_BE_MODEL : (alike.get(patternOf(entry)) ?? ONLY_ONE));
}

function reasonFor(named: readonly CheckpointEntry[]): string {
  if (named.length < 2) {
    return ONLY_ONE;
  }
  return new Set(named.map(numbersOf)).size < named.length
    ? SAME_NUMBER
    : "it is a finished model, not a save on the way";
}

function patternOf({ summary }: CheckpointEntry): string {
  return seriesNameOf(summary).pattern;
}

function numbersOf({ summary }: CheckpointEntry): string {
  return JSON.stringify(seriesNameOf(summary).numbers);
}
