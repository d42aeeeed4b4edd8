import type { CheckpointEntry } from "./checkpointListing.ts";

/** How long the disk lasts while a training saves as it does now. */
export type DiskForecast = { bytesPerHour: number; fullInMs: number };

/** Fewer intervals than this are no rate. */
const MIN_INTERVALS = 2;
/** Checkpoints this far back show how a training saves now. */
const RECENT = 12;
/** A pause this many times the usual one means that nothing is being saved any more. */
const PAUSE_FACTOR = 3;
const MS_PER_HOUR = 3_600_000;

/**
 * When the disk is full if the run that saved last goes on saving as it does. Undefined where nothing is being saved,
 * where there is too little to tell, and where a training deletes old checkpoints as it saves new ones.
 */
export function forecastDisk(
  entries: readonly CheckpointEntry[],
  { freeBytes, nowMs }: { freeBytes: number; nowMs: number },
): DiskForecast | undefined {
  const inOrder = entries.filter(ownsItsBytes).toSorted((a, b) => a.modifiedMs - b.modifiedMs);
  const run = inOrder.at(-1)?.run;
  const own = inOrder.filter((entry) => entry.run === run);
  const recent = own.slice(-RECENT);
  const [first] = recent;
  const last = recent.at(-1);
  const intervals = recent.length - 1;
  if (first === undefined || last === undefined || intervals < MIN_INTERVALS || deletesOldOnes(own)) {
    return undefined;
  }
  const spanMs = last.modifiedMs - first.modifiedMs;
  const isGoingOn = nowMs - last.modifiedMs <= PAUSE_FACTOR * (spanMs / intervals);
  const bytes = recent.slice(1).reduce((sum, { summary }) => sum + summary.sizeBytes, 0);
  if (spanMs <= 0 || bytes === 0 || !isGoingOn) {
    return undefined;
  }
  return { bytesPerHour: (bytes / spanMs) * MS_PER_HOUR, fullInMs: (freeBytes / bytes) * spanMs };
}

/** Neither a link nor another name of a file that is counted already. */
export function ownsItsBytes({ linkTarget, sameFileAs }: CheckpointEntry): boolean {
  return linkTarget === undefined && sameFileAs === undefined;
}

/** The oldest one is far from the start, though they follow each other closely. */
function deletesOldOnes(inOrder: readonly CheckpointEntry[]): boolean {
  const unit = inOrder.some(({ summary }) => summary.step !== undefined) ? "step" : "epoch";
  const counts = inOrder.flatMap(({ summary }) => summary[unit] ?? []).toSorted((a, b) => a - b);
  const [first = 0] = counts;
  const gaps = counts.slice(1).map((count, index) => count - (counts[index] ?? 0));
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1];
  return usual !== undefined && usual > 0 && first > 2 * usual;
}

/** `40 min`, `3 h`, `12 days`: no more exact than a forecast is. */
export function roughDuration(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 90) {
    return `${Math.max(1, Math.round(minutes))} min`;
  }
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
