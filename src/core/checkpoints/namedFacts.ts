import { trainerFolderStep } from "./checkpointName.ts";
import { isMetricName } from "./metricNames.ts";

type NamedFacts = { epoch?: number; step?: number; metrics: Readonly<Record<string, number>> };

const epochPattern = /(?:^|[^a-z])(?:epoch|epochs|ep)[=_\-.]?(\d{1,9})(?!\d)/i;
const stepPattern = /(?:^|[^a-z])(?:global_?step|steps?|iteration|iter)[=_\-.]?(\d{1,12})(?!\d)/i;
/** Keras users write "{epoch:02d}-{val_loss:.2f}": the second number is some metric whose name is lost. */
const kerasPattern = /(?:^|[._-])(\d{1,5})-(\d+\.\d+)(?=\.[a-z]|$)/i;
const metricPattern = /([a-z][a-z0-9_/]*)=(-?\d+(?:\.\d+)?(?:e-?\d+)?)/gi;
/** `acc0.93`, `val_loss_0.25`, `f1-0.9`; a whole number is one only behind the epoch or step: `epoch_3_acc_93`. */
const looseMetricPattern =
  /(?<![a-z0-9])(?<data>(?:val|valid|validation|eval|test|dev|train)[_-])?(?:(?<name>[a-z]+\d{0,3})[_-](?<value>-?\d+(?:\.\d+)?)|(?<word>[a-z]+)(?<attached>\d+\.\d+))(?!\.?\d)/gi;
/** Longer ones are nobody's: it bounds what the patterns may take. */
const MAX_NAME = 300;

/** What a checkpoint's file name tells, for facts that the file itself does not carry. */
export function parseCheckpointName(name: string): NamedFacts {
  const epochMatch = epochPattern.exec(name);
  const stepMatch = stepPattern.exec(name);
  const epoch = epochMatch?.[1] ?? kerasPattern.exec(name)?.[1];
  const step = stepMatch?.[1] ?? trainerFolderStep(name);
  const countsAt = Math.min(epochMatch?.index ?? name.length, stepMatch?.index ?? name.length);
  return {
    ...(epoch !== undefined && { epoch: Number(epoch) }),
    ...(step !== undefined && { step: Number(step) }),
    metrics: namedMetrics(name.slice(0, MAX_NAME), countsAt),
  };
}

function namedMetrics(name: string, countsAt: number): Readonly<Record<string, number>> {
  const metrics: [string, number][] = [];
  for (const { groups = {}, index } of name.matchAll(looseMetricPattern)) {
    const { data = "", word, attached, name: metric = word ?? "", value = attached ?? "" } = groups;
    if (isMetricName(metric) && (value.includes(".") || index > countsAt)) {
      metrics.push([data.replace("-", "_") + metric, Number(value)]);
    }
  }
  for (const [, metric = "", value] of name.matchAll(metricPattern)) {
    if (isMetricName(metric)) {
      metrics.push([metric, Number(value)]);
    }
  }
  return Object.fromEntries(metrics);
}
