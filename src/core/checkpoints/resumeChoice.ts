import { type CheckpointEntry, loadable, newestFirst } from "./checkpointListing.ts";
import { isStateName } from "./checkpointName.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import { describeTrust, leastTrustOf } from "./importedName.ts";

/** From where on a training computed with a loss that was no number, as its log tells. */
export type LossBreak = {
  /** Milliseconds since 1970; absent where the log has no times. */
  timeMs?: number;
  step?: number;
  /** The end of "it was saved after …": `train/loss became NaN at step 1200`. */
  text: string;
};

export type PassedOver = { entry: CheckpointEntry; reason: string };

export type ResumeChoice = {
  chosen?: CheckpointEntry;
  /** Newer ones, and where none was chosen all of them; newest first. Reasons are clauses: "torn: the directory …". */
  passedOver: readonly PassedOver[];
};

/**
 * The newest checkpoint that a training can go on from: whole, loadable without running a stranger's code, saved before
 * its loss broke, and with the state of the optimizer where any has it. Says of every newer one why it is not that.
 */
export function chooseResumePoint(entries: readonly CheckpointEntry[], lossBreak?: LossBreak): ResumeChoice {
  // A copy of the weights in a format that is only data must not speak against the checkpoints it was copied from.
  const stateful = entries.filter(
    ({ summary }) => summary.hasOptimizerState && summary.completeness.state === "whole" && !isStateName(summary.name),
  );
  const isLoadable = loadable(stateful.length > 0 ? stateful : entries);
  const sound = entries.filter((entry) => isLoadable(entry) && reasonAgainst(entry, lossBreak) === undefined);
  const needsState = sound.some(({ summary }) => summary.hasOptimizerState);
  const passedOver: PassedOver[] = [];
  for (const entry of newestFirst(entries)) {
    const trust = isLoadable(entry) ? undefined : (describeTrust(entry.summary.imports) ?? whyPassedOver(entry));
    const reason = reasonAgainst(entry, lossBreak) ?? trust ?? (needsState ? weightsAlone(entry.summary) : undefined);
    if (reason === undefined) {
      return { chosen: entry, passedOver };
    }
    passedOver.push({ entry, reason });
  }
  return { passedOver };
}

function whyPassedOver({ isFinal, summary }: CheckpointEntry): string {
  if (isFinal === true) {
    return "is the finished model alone, beside the checkpoints of its training";
  }
  return isStateName(summary.name) ? "holds no model by its name" : "may be data rather than a checkpoint";
}

/** Why one named checkpoint is none to go on from; undefined where nothing speaks against it. */
export function reasonAgainst({ summary, modifiedMs }: CheckpointEntry, lossBreak?: LossBreak): string | undefined {
  const { state, reason } = summary.completeness;
  if (state !== "whole") {
    return `${state}: ${reason}`;
  }
  if (leastTrustOf(summary.imports) === "dangerous") {
    return describeTrust(summary.imports);
  }
  const broken = Object.entries(summary.metrics).find(([name, value]) => isLoss(name) && !Number.isFinite(value));
  if (broken !== undefined) {
    return `its own ${broken[0]} is ${broken[1]}`;
  }
  return lossBreak !== undefined && isAfter({ epoch: summary.epoch, step: summary.step, modifiedMs }, lossBreak)
    ? `saved after ${lossBreak.text}`
    : undefined;
}

/** Whether a metric is a loss, whose value is lost with the weights; `loss_scale` and the best loss so far are not. */
export function isLoss(name: string): boolean {
  return /(?:^|[^a-z])(?:loss|losses|nll|perplexity|ppl)(?:$|[^a-z])/i.test(name) && !/scale|best|min/i.test(name);
}

/** A line of output gets its time when it is read, at once or, on a busy machine, this much later. */
const LOG_DELAY_MS = 500;
const MAX_LOG_DELAY_MS = 2_000;

type Saved = { epoch?: number | undefined; step?: number | undefined; modifiedMs: number };

/**
 * Times are compared where the log has them: the steps of a log may be epochs, and those of a checkpoint are not. Of those
 * too near to the break for the time to tell, the step does. An epoch is never more than the steps until then, so one
 * that reaches the step of the break came after it whatever was counted.
 */
function isAfter(saved: Saved, { timeMs, step }: LossBreak): boolean {
  if (saved.epoch !== undefined && step !== undefined && step > 0 && saved.epoch >= step) {
    return true;
  }
  const isStepKnown = step !== undefined && saved.step !== undefined;
  if (timeMs !== undefined && saved.modifiedMs >= timeMs) {
    return true;
  }
  if (timeMs !== undefined && (saved.modifiedMs < timeMs - MAX_LOG_DELAY_MS || !isStepKnown)) {
    return saved.modifiedMs >= timeMs - LOG_DELAY_MS;
  }
  return isStepKnown && (saved.step ?? 0) >= (step ?? 0);
}

/** Formats that list no tensors may hold anything, so nothing is said of them. */
function weightsAlone({ tensorCount, hasOptimizerState }: CheckpointSummary): string | undefined {
  return tensorCount > 0 && !hasOptimizerState ? "holds weights alone, without the state of the optimizer" : undefined;
}
