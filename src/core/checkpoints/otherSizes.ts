import { withNoun } from "../base/withNoun.ts";
import { bestBy, type CheckpointEntry } from "./checkpointListing.ts";
import type { MetricDirection } from "./metricNames.ts";

/** A head for other classes or a longer vocabulary changes a model by less. */
const OTHER_SIZE = 1.25;

/**
 * Of models of another size than the newest the newest each, and the best: a training that began again with another width
 * under the same names replaces none of them. Newest first.
 */
export function keptOfOtherSizes(
  whole: readonly CheckpointEntry[],
  { metric, direction }: { metric?: string; direction?: MetricDirection },
): { entry: CheckpointEntry; reason: string }[] {
  return groupBySize(whole)
    .slice(1)
    .flatMap((own) => {
      const of = `of those with about ${withNoun(own[0]?.summary.parameterCount ?? 0, "parameter")}`;
      const best = metric === undefined ? undefined : bestBy(own, metric, direction);
      return [
        ...own.slice(0, 1).map((entry) => ({ entry, reason: `the newest ${of}` })),
        ...(best === undefined ? [] : [{ entry: best.entry, reason: `the best ${of} by ${best.metric}` }]),
      ];
    });
}

/** Each with those that are about as large as its first; of what holds no parameters the size says nothing. */
function groupBySize(entries: readonly CheckpointEntry[]): CheckpointEntry[][] {
  const groups: CheckpointEntry[][] = [];
  for (const entry of entries.filter(({ summary }) => summary.parameterCount > 0)) {
    const own = groups.find(([first]) => first !== undefined && isAlike(first, entry));
    if (own === undefined) {
      groups.push([entry]);
    } else {
      own.push(entry);
    }
  }
  return groups;
}

function isAlike(a: CheckpointEntry, b: CheckpointEntry): boolean {
  const [less = 0, more = 0] = [a.summary.parameterCount, b.summary.parameterCount].toSorted(
    (one, other) => one - other,
  );
  return more <= less * OTHER_SIZE;
}
