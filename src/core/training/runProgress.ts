import type { ConsoleReading } from "../metrics/consoleLine.ts";
import type { RunProgress } from "./runRecord.ts";

/** Folds what the console shows into how far a training is. `nowMs`: by a clock that does not jump. */
export type ProgressTracker = {
  /** True when the reading changed the progress. */
  add(reading: ConsoleReading, nowMs: number): boolean;
  /** Absent until something was read. `date`: what the time of day is at `nowMs`. */
  current(nowMs: number, date: Date): RunProgress | undefined;
};

/** A program that prints a new metric name in every line must not let the status file grow. */
const MAX_METRICS = 64;
const BACKLOG_MS = 500;
/** Silence that is this much longer than any before it has no end to forecast. */
const OVERDUE_FACTOR = 2;
const OVERDUE_SLACK_MS = 10_000;

/** Whether a training has printed the last of the epochs that it had set itself. */
export function hasReachedLastEpoch(progress: Counts | undefined): boolean {
  return progress?.epochs !== undefined && progress.epoch === progress.epochs;
}

type Counts = Pick<RunProgress, "epoch" | "epochs" | "step" | "steps">;

/** The part of the whole training that was done at a moment. */
type Mark = { fraction: number; atMs: number };

/** `earlier`: how far a supervisor that was killed saw the training come; its pace is measured anew. */
export function createProgressTracker(earlier?: RunProgress): ProgressTracker {
  const { etaSeconds: _outdated, metrics: earlierMetrics = {}, updatedAt: earlierAt, ...earlierCounts } = earlier ?? {};
  const counts: Counts = earlierCounts;
  const metrics: Record<string, number> = { ...earlierMetrics };
  let first: Mark | undefined;
  let last: Mark | undefined;
  let stated: { remainingSeconds: number; atMs: number } | undefined;
  let updatedAtMs: number | undefined;
  const silence = trackSilence();
  let beganAtMs: number | undefined;

  const noteFraction = (fraction: number | undefined, atMs: number): void => {
    if (fraction === undefined || fraction === last?.fraction) {
      return;
    }
    last = { fraction, atMs };
    beganAtMs ??= atMs;
    // What was printed while nobody read comes all at once, and tells nothing about the pace.
    const isBacklog = earlier !== undefined && atMs - beganAtMs < BACKLOG_MS;
    // A restarted loop goes backwards; the pace is measured anew from there.
    first = first === undefined || isBacklog || fraction < first.fraction ? last : first;
  };

  return {
    add(reading, nowMs) {
      silence.end(nowMs);
      if (reading.subject === "side") {
        return false;
      }
      mergeCounts(counts, reading);
      for (const [name, value] of Object.entries(reading.metrics)) {
        if (name in metrics || Object.keys(metrics).length < MAX_METRICS) {
          metrics[name] = value;
        }
      }
      noteFraction(fractionDone(counts, reading), nowMs);
      if (reading.remainingSeconds !== undefined && counts.epochs === undefined) {
        stated = { remainingSeconds: reading.remainingSeconds, atMs: nowMs };
      }
      updatedAtMs = nowMs;
      return true;
    },

    current(nowMs, date) {
      const updatedAt =
        updatedAtMs === undefined ? earlierAt : new Date(date.getTime() - (nowMs - updatedAtMs)).toISOString();
      if (updatedAt === undefined) {
        return undefined;
      }
      const etaSeconds = silence.isOverdue(nowMs)
        ? undefined
        : (remainingByPace(first, last, nowMs) ?? remainingAsStated(stated, nowMs));
      return {
        ...counts,
        metrics: { ...metrics },
        ...(etaSeconds === undefined ? {} : { etaSeconds: Math.round(etaSeconds) }),
        updatedAt,
      };
    },
  };
}

/** How long nothing was heard. A bar of validation says nothing about how far the training is, but it is no silence. */
function trackSilence() {
  let heardAtMs: number | undefined;
  let longestMs: number | undefined;
  return {
    end(nowMs: number): void {
      longestMs = heardAtMs === undefined ? undefined : Math.max(longestMs ?? 0, nowMs - heardAtMs);
      heardAtMs = nowMs;
    },
    isOverdue(nowMs: number): boolean {
      const limitMs = OVERDUE_FACTOR * (longestMs ?? Number.POSITIVE_INFINITY) + OVERDUE_SLACK_MS;
      return heardAtMs !== undefined && nowMs - heardAtMs > limitMs;
    },
  };
}

function mergeCounts(counts: Counts, reading: ConsoleReading): void {
  if (reading.epoch !== undefined && reading.epoch !== counts.epoch && Number.isInteger(reading.epoch)) {
    // The steps of an epoch start again with it.
    delete counts.step;
  }
  for (const name of ["epoch", "epochs", "step", "steps"] as const) {
    const value = reading[name];
    if (value !== undefined) {
      counts[name] = value;
    }
  }
}

/**
 * How much of the training lies behind this line, from 0 to 1. "Epoch 3/10" alone announces an epoch, with metrics
 * it closes one; with steps the truth is in between.
 */
function fractionDone(counts: Counts, reading: ConsoleReading): number | undefined {
  const { epoch, epochs, step, steps } = counts;
  const stepsDone = reading.step !== undefined && steps !== undefined && steps > 0 ? reading.step / steps : undefined;
  let fraction: number | undefined;
  if (epochs !== undefined && epochs > 0) {
    if (stepsDone !== undefined && Number.isInteger(epoch ?? 0.5)) {
      fraction = ((epoch ?? 1) - 1 + stepsDone) / epochs;
    } else if (reading.epoch !== undefined) {
      const closes = !Number.isInteger(reading.epoch) || Object.keys(reading.metrics).length > 0;
      fraction = (closes ? reading.epoch : reading.epoch - 1) / epochs;
    }
  } else if (epoch === undefined || (step !== undefined && !Number.isInteger(epoch))) {
    fraction = stepsDone;
  }
  return fraction === undefined ? undefined : Math.min(1, Math.max(0, fraction));
}

function remainingByPace(first: Mark | undefined, last: Mark | undefined, nowMs: number): number | undefined {
  if (first === undefined || last === undefined || last.fraction <= first.fraction) {
    return undefined;
  }
  const msPerWhole = (last.atMs - first.atMs) / (last.fraction - first.fraction);
  const expectedEndMs = last.atMs + msPerWhole * (1 - last.fraction);
  return untilEnd(expectedEndMs, nowMs);
}

function remainingAsStated(
  stated: { remainingSeconds: number; atMs: number } | undefined,
  nowMs: number,
): number | undefined {
  return stated && untilEnd(stated.atMs + stated.remainingSeconds * 1000, nowMs);
}

/** An end that was expected and did not come is no forecast any more. */
function untilEnd(expectedMs: number, nowMs: number): number | undefined {
  return expectedMs < nowMs ? undefined : (expectedMs - nowMs) / 1000;
}
