import type { LoggedSeries } from "../../core/metrics/joinedSeries.ts";
import type { Parameters } from "../../core/metrics/parameters.ts";
import type { RunEnd } from "../../core/metrics/runEnd.ts";

/** What one file or store says about one run. */
export type LoggedRun = LoggedSeries & {
  /** Logs of the same place go on with each other: a folder, or a run of a store. */
  place: string;
  /** What the log calls the run; absent where the folder is its name. */
  name?: string | undefined;
  /** When it began, in milliseconds since 1970, where the log tells. */
  startedMs?: number | undefined;
  /** How it ended, where the log tells. */
  end?: RunEnd | undefined;
  problem?: string | undefined;
  /** The hyper-parameters that the log tells. */
  parameters?: Parameters | undefined;
};

/** A file of one run or a store of many, of which each update reads what was added. */
export type MetricSource = {
  update(): Promise<void>;
  readonly runs: readonly LoggedRun[];
};

/** The source that one log is. */
export function singleSource(log: Omit<LoggedRun, "place"> & { update(): Promise<void> }, place: string): MetricSource {
  return {
    update: () => log.update(),
    get runs() {
      const { series, restartStep, name, startedMs, end, problem, parameters } = log;
      return [{ place, series, restartStep, name, startedMs, end, problem, parameters }];
    },
  };
}
