import { groupBy } from "../base/groupBy.ts";
import type { CheckpointEntry } from "./checkpointListing.ts";
import { parseSeriesName } from "./checkpointSeries.ts";

/*
 * Scripts and people write beside checkpoints which of them matter, in no common form:
 *
 *   best.txt       epoch_3.pt                         best.json      {"epoch": 3, "val_loss": 0.12}
 *   results.json   {"best_epoch": 3}                  README.md      The paper uses `epoch_3`.
 */

/** Files that may be such a note, by their name. */
export const NOTE_NAME = /\.(?:txt|json|ya?ml|md)$/i;
const BEST_NOTE = /(?:^|[^a-z])best(?:[^a-z]|$)/i;
/** A log or an index names most of them, which says nothing about each. */
const MAX_NAMED = 3;
/** What a person wrote names what is meant; an index of more is made by a program. */
const README = /\.md$/i;
const MAX_IN_README = 20;
/** A list of the best is one that somebody meant. */
const MAX_BEST = 10;
/** Shorter ones, as `e3`, occur in any text. */
const MIN_STEM = 5;

const between = /[\s"'`<>|,;()[\]{}]+/;
const bestCount =
  /\bbest[_ -]?(?:(?<epoch>epoch)|global_step|step|iter(?:ation)?)["']?\s*[:=]?\s*(?<number>\d{1,12})(?![\d.])/gi;
const anyCount =
  /(?:^|[^a-z])(?:(?<epoch>epoch)|global_step|step|iter(?:ation)?)["']?\s*[:=]?\s*(?<number>\d{1,12})(?![\d.])/gi;
const loneCount = /^\s*(?<number>\d{1,12})\s*$/g;

type Count = { isEpoch: boolean; number: number };

/** Which of these checkpoints a note singles out, by name or by the best epoch or step; none where it tells of many. */
export function notedCheckpoints(
  { name, text }: { name: string; text: string },
  entries: readonly CheckpointEntry[],
): CheckpointEntry[] {
  const isBest = BEST_NOTE.test(name);
  const ofList = isBest ? MAX_BEST : MAX_NAMED;
  const most = README.test(name) ? MAX_IN_README : ofList;
  const counts = (isBest ? [anyCount, loneCount] : [bestCount]).flatMap((pattern) => countsIn(text, pattern));
  return [namedIn(text, entries), countedAs(counts, entries)].flatMap((noted) =>
    new Set(noted.map(({ summary }) => summary.name)).size <= most ? noted : [],
  );
}

function countsIn(text: string, pattern: RegExp): Count[] {
  return [...text.matchAll(pattern)].map(({ groups = {} }) => ({
    isEpoch: groups["epoch"] !== undefined || pattern === loneCount,
    number: Number(groups["number"]),
  }));
}

function namedIn(text: string, entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  const byName = groupBy(entries, ({ summary }) => summary.name);
  const byStem = groupBy(entries, ({ summary }) => stemOf(summary.name));
  // Names with blanks stand on a line of their own.
  const words = [...text.split(between), ...text.split("\n")].map(lastName);
  return [...new Set(words)].flatMap((word) => [
    ...(byName.get(word) ?? []),
    ...(word.length >= MIN_STEM && /\d/.test(word) && /[a-z]/i.test(word) ? (byStem.get(word) ?? []) : []),
  ]);
}

/** Of a path or the end of a sentence the name. */
function lastName(word: string): string {
  return (
    word
      .trim()
      .replace(/[.:/\\]+$/, "")
      .split(/[\\/]/)
      .at(-1) ?? ""
  );
}

function stemOf(name: string): string {
  return name.replace(/(?:\.(?:weights|pth|tar|[a-z0-9]{2,11}))$/i, "");
}

/** A name may count from another first epoch than the file itself does, so that either is taken. */
function countedAs(counts: readonly Count[], entries: readonly CheckpointEntry[]): CheckpointEntry[] {
  const [epochs, steps] = [true, false].map(
    (isEpoch) => new Set(counts.filter((count) => count.isEpoch === isEpoch).map(({ number }) => number)),
  );
  return entries.filter(({ summary: { name, epoch = -1, step = -1 } }) => {
    const inName = parseSeriesName(name).numbers.some((number) => epochs?.has(number) || steps?.has(number));
    return inName || epochs?.has(epoch) || steps?.has(step);
  });
}
