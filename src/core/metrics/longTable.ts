import { findAxis } from "./metricLog.ts";

/** Where a table with one value in each row says which metric the value is of, and of which run. */
export type LongColumns = { metric: string; value: string; run: string | undefined };

const METRIC_NAMES = ["metric", "metric_name", "metrics", "tag", "key", "name", "variable", "measure"];
const VALUE_NAMES = ["value", "metric_value"];
const RUN_NAMES = ["run", "run_name", "run_id", "run id", "experiment"];

/**
 * The columns of a long table, as `pandas.melt` and this extension's own export write it; undefined where each metric has a
 * column of its own. Without a step or an epoch it is a list of something else.
 */
export function findLongColumns(names: readonly string[]): LongColumns | undefined {
  const metric = findName(names, METRIC_NAMES);
  const value = findName(names, VALUE_NAMES);
  return metric === undefined || value === undefined || findAxis(names) === undefined
    ? undefined
    : { metric, value, run: findName(names, RUN_NAMES) };
}

/** What the series of a row is called: `base/loss` where runs share the table. */
export function longTag(run: string | undefined, metric: string): string {
  return run === undefined || run === "" ? metric : `${run}/${metric}`;
}

function findName(names: readonly string[], wanted: readonly string[]): string | undefined {
  return names.find((name) => wanted.includes(name.trim().toLowerCase()));
}
