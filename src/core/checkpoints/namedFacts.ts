import { trainerFolderStep } from "./checkpointName.ts";
import { isMetricName } from "./metricNames.ts";

type NamedFacts = { epoch?: number; step?: number; metrics: Readonly<Record<string, number>> };

const epochPattern = /(?:^|[^a-z])(?:epoch|epochs|ep)[=_\-.]?(\d{1,9})(?!\d)/i;
const stepPattern = /(?:^|[^a-z])(?:global_?step|steps?|iteration|iter)[=_\-.]?(\d{1,12})(?!\d)/i;
/** Keras users write "{epoch:02d}-{val_loss:.2f}": the second number is some metric whose name is lost. */
const kerasPattern = /(?:^|[._-])(\d{1,5})-(\d+\.\d+)(?=\.[a-z]|$)/i;
const metricPattern = /([a-z][a-z0-9_/]*)=(-?\d+(?:\.\d+)?(?:e-?\d+)?)/gi;

/** What a checkpoint's file name tells, for facts that the file itself does not carry. */
export function parseCheckpointName(name: string): NamedFacts {
  const epoch = epochPattern.exec(name)?.[1] ?? kerasPattern.exec(name)?.[1];
  const step = stepPattern.exec(name)?.[1] ?? trainerFolderStep(name);
  const metrics: [string, number][] = [];
  for (const [, metric = "", value] of name.slice(0, 300).matchAll(metricPattern)) {
    if (isMetricName(metric)) {
      metrics.push([metric, Number(value)]);
    }
  }
  return {
    ...(epoch !== undefined && { epoch: Number(epoch) }),
    ...(step !== undefined && { step: Number(step) }),
    metrics: Object.fromEntries(metrics),
  };
}
