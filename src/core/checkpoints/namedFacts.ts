import { rememberBy } from "../base/remember.ts";
import { trainerFolderStep } from "./checkpointName.ts";
import { isMetricName } from "./metricNames.ts";

type NamedFacts = { epoch?: number; step?: number; metrics: Readonly<Record<string, number>> };
type KnownFacts = NamedFacts & { namedMetrics?: readonly string[] };

const epochPattern = /(?:^|[^a-z])(?:epoch|epochs|ep)[=_\-.]?(\d{1,9})(?!\d)/i;
const stepPattern = /(?:^|[^a-z])(?:global_?step|steps?|iteration|iter)[=_\-.]?(\d{1,12})(?!\d)/i;
/** Keras users write "{epoch:02d}-{val_loss:.2f}": the second number is some metric whose name is lost. */
const kerasPattern = /(?:^|[._-])(\d{1,5})-(\d+\.\d+)(?=\.[a-z]|$)/i;
const metricPattern = /([a-z][a-z0-9_/]*)=(-?\d+(?:\.\d+)?(?:e[-+]\d+)?)(?![a-z0-9]|[.,]\d)/gi;
/** `acc0.93`, `val_loss_0.25`, `f1-0.9`; a whole number without exponent is one only behind the epoch or step: `epoch_3_acc_93`. */
const looseMetricPattern =
  /(?<![a-z0-9])(?<data>(?:val|valid|validation|eval|test|dev|train)[_-])?(?:(?<name>[a-z]+\d{0,3})[_-](?<value>-?\d+(?:\.\d+)?(?:e[-+]\d+)?)|(?<word>[a-z]+)(?<attached>\d+\.\d+(?:e[-+]\d+)?))(?![a-z0-9]|[.,]\d)/gi;
/** `mAP0.5_0.613`, `map_0.5-0.95_0.42` and `mAP50-95_0.42`: the first numbers are the overlap that counts as found. */
const overlapPattern = /(?<![a-z0-9])(m?ap)[_@-]?(?:0?\.50?|50(?=[-:]95))([-:](?:0?\.)?95)?(?=[_=-]\d)/gi;
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
    metrics: metricsIn(name.slice(0, MAX_NAME), countsAt),
  };
}

/** The same of a checkpoint; a plan for a thousand asks it several times of each. */
export const namedFactsOf = rememberBy(({ name }: { name: string }) => parseCheckpointName(name));

/** What a checkpoint holds, with what only its name tells. */
export function addNamedFacts<Contents extends NamedFacts>(contents: Contents, name: string): Contents & KnownFacts {
  const named = parseCheckpointName(name);
  const namedMetrics = Object.keys(named.metrics).filter((metric) => contents.metrics[metric] === undefined);
  return {
    ...named,
    ...contents,
    metrics: { ...named.metrics, ...contents.metrics },
    ...(namedMetrics.length > 0 && { namedMetrics }),
  };
}

function metricsIn(fullName: string, countsAt: number): Readonly<Record<string, number>> {
  // Of one length, so that places stay what they are.
  const name = fullName.replace(overlapPattern, (all, metric: string, range?: string) =>
    (range === undefined ? `${metric}50` : metric).padStart(all.length, "."),
  );
  const metrics: [string, number][] = [];
  for (const { groups = {}, index } of name.matchAll(looseMetricPattern)) {
    const { data = "", word, attached, name: metric = word ?? "", value = attached ?? "" } = groups;
    if (isMetricName(metric) && (/[.e]/i.test(value) || index > countsAt)) {
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
