import { isLoss, type LossBreak } from "../../checkpoints/resumeChoice.ts";
import { parseConsoleLine } from "../../metrics/consoleLine.ts";
import type { Series } from "../../metrics/series.ts";
import type { Alarm } from "../watchdog/alarm.ts";

/** Where the loss of a run broke for good: by its curves, or else by what the watchdog noticed and no curve refutes. */
export function lossBreakOfRun(curves: readonly Series[], alarms: readonly Alarm[] | undefined): LossBreak | undefined {
  return lossBreakOf(curves) ?? (curves.some(cameBack) ? undefined : lossBreakOfAlarms(alarms));
}

/** Whether a loss was no number for a while, and is one at the end. */
function cameBack({ tag, values }: Series): boolean {
  const wasBroken = values.findLastIndex((value) => !Number.isFinite(value)) !== -1;
  return isLoss(tag) && wasBroken && Number.isFinite(values.at(-1));
}

/**
 * Where a loss became NaN or infinite and stayed so until the end of its curve; the earliest of several. One that came
 * back to numbers is no break: with mixed precision the first steps overflow by design.
 */
export function lossBreakOf(curves: readonly Series[]): LossBreak | undefined {
  return curves
    .filter(({ tag }) => isLoss(tag))
    .flatMap((series) => breakOf(series) ?? [])
    .toSorted((a, b) => (a.timeMs ?? Infinity) - (b.timeMs ?? Infinity) || (a.step ?? 0) - (b.step ?? 0))[0];
}

/** The same from what the watchdog noticed, for a run whose curves cannot be read any more. */
export function lossBreakOfAlarms(alarms: readonly Alarm[] = []): LossBreak | undefined {
  const alarm = alarms.find(({ kind, endedAt }) => kind === "not-a-number" && endedAt === undefined);
  return (
    alarm && {
      ...placeOf(alarm.evidence?.text, alarm.raisedAt),
      text: `the watchdog noticed: ${alarm.message.replace(/\.$/, "")}`,
    }
  );
}

/** The same from the line of a log that proves it, and its time where the log has one. */
export function lossBreakOfLine(text: string, time: string | undefined): LossBreak {
  return { ...placeOf(text, time), text: `“${text.trim()}”` };
}

function placeOf(line: string | undefined, time: string | undefined): Omit<LossBreak, "text"> {
  const step = line === undefined ? undefined : countOf(line);
  return { ...(time === undefined ? {} : { timeMs: Date.parse(time) }), ...(step === undefined ? {} : { step }) };
}

/** A count that begins anew in each epoch, as that of a progress bar may, is none to compare with that of a checkpoint. */
function countOf(line: string): number | undefined {
  const { epoch, step, steps } = parseConsoleLine(line) ?? {};
  if (epoch === undefined) {
    return steps === undefined ? step : undefined;
  }
  return step === undefined ? epoch : undefined;
}

function breakOf({ tag, steps, times, values }: Series): LossBreak | undefined {
  const lastNumber = values.findLastIndex((value) => Number.isFinite(value));
  const value = values[lastNumber + 1];
  if (value === undefined) {
    return undefined;
  }
  const timeMs = times[lastNumber + 1] ?? Number.NaN;
  const step = steps[lastNumber + 1];
  return {
    ...(Number.isNaN(timeMs) ? {} : { timeMs }),
    ...(step === undefined ? {} : { step }),
    text: `${tag} became ${Number.isNaN(value) ? "NaN" : "infinite"}${step === undefined ? "" : ` at step ${step}`}`,
  };
}
