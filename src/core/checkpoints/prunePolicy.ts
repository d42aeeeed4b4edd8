import { UserError } from "../base/errors.ts";
import { metricsToJudgeBy } from "./bestByEach.ts";
import type { CheckpointEntry } from "./checkpointListing.ts";
import { compareMetricNames, inferMetricDirection, type MetricDirection } from "./metricNames.ts";

/** How many checkpoints of each series of a run stay. The best and the newest whole one stay in any case. */
export type PrunePolicy = {
  keepBest: number;
  keepLast: number;
  /** Those whose step (epoch, where none has a step) is a multiple of it. */
  keepEvery?: number;
  /** Which metric says what is best; by default the one that decides in a listing. */
  metric?: string;
  direction?: MetricDirection;
  /** A person says that the numbers in the names count saves, also where they may say which model it is. */
  areSaves?: boolean;
};

/** A policy that names a metric means it: one that nothing can be judged by would let the best one go. */
export function refuseUselessMetric(entries: readonly CheckpointEntry[], { metric, direction }: PrunePolicy): void {
  if (metric === undefined || entries.length === 0) {
    return;
  }
  const known = new Set(entries.flatMap(({ summary }) => Object.keys(summary.metrics)));
  const others = [...known].filter((name) => name !== metric && inferMetricDirection(name) !== undefined);
  const named = others.toSorted(compareMetricNames).slice(0, MAX_NAMED).join(", ");
  const next = others.length === 0 ? "Prune without naming a metric." : `Choose one of these instead: ${named}.`;
  if (!known.has(metric)) {
    throw new UserError(`No checkpoint here carries ${metric}, so nothing was planned. ${next}`);
  }
  if ((direction ?? inferMetricDirection(metric)) === undefined) {
    throw new UserError(
      `Whether less or more of ${metric} is better cannot be told from its name. Say it with the name: ${metric}:max or ${metric}:min.`,
    );
  }
}

const MAX_NAMED = 8;

/** `metrics`: those of which the best stays each, the one of the policy first; alone where a person chose it. */
export type JudgedPolicy = PrunePolicy & { metrics: readonly string[]; isChosen: boolean };

/** Runs log different metrics; one that has not the wanted one is judged by its own. */
export function policyFor(run: readonly CheckpointEntry[], policy: PrunePolicy): JudgedPolicy {
  const { metric, direction: _, ...rest } = policy;
  if (metric !== undefined && run.some(({ summary }) => summary.metrics[metric] !== undefined)) {
    return { ...policy, metrics: [metric], isChosen: true };
  }
  const { metrics } = metricsToJudgeBy(run);
  const [own] = metrics;
  return { ...rest, ...(own === undefined ? {} : { metric: own }), metrics, isChosen: false };
}
