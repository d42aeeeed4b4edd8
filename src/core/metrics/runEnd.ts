/** How a run ended, as its own log tells it. A run that was killed before it could write so has none. */
export type RunEnd = "finished" | "failed" | "stopped";

/** By the names that MLflow's database has for them, and the numbers of its file store. */
const MLFLOW_ENDS = new Map<string, RunEnd>([
  ["FINISHED", "finished"],
  ["FAILED", "failed"],
  ["KILLED", "stopped"],
  ["3", "finished"],
  ["4", "failed"],
  ["5", "stopped"],
]);

/** What MLflow calls the status of a run; undefined where it runs, or waits. */
export function mlflowEnd(status: string): RunEnd | undefined {
  return MLFLOW_ENDS.get(status);
}
