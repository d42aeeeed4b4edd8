import { basename, extname } from "node:path";
import type { LoggedSeries } from "../../core/metrics/joinedSeries.ts";
import type { MetricFile } from "./metricFiles.ts";
import { TailedLog, WholeState } from "./tailedLog.ts";

/** What one file or store says about one run. */
export type LoggedRun = LoggedSeries & {
  /** Logs of the same place go on with each other: a folder, or a run of a store. */
  place: string;
  /** What the store calls the run; absent where the folder is its name. */
  name?: string | undefined;
  /** When it began, in milliseconds since 1970, where a store of many runs tells. */
  startedMs?: number | undefined;
  problem?: string | undefined;
};

/** A file of one run or a store of many, of which each update reads what was added. */
export type MetricSource = {
  update(): Promise<void>;
  readonly runs: readonly LoggedRun[];
};

/** `hasSiblings`: there are other logs in its folder, from whose metrics its own are told apart by its name. */
export function openSource({ path, kind, run }: MetricFile, hasSiblings: boolean): MetricSource {
  const log =
    kind === "trainer-state"
      ? new WholeState(path)
      : new TailedLog(path, kind, hasSiblings && kind !== "events" ? `${basename(path, extname(path))}/` : "");
  return sourceOf(log, run);
}

function sourceOf(log: LoggedSeries & { update(): Promise<void>; problem?: string | undefined }, place: string) {
  return {
    update: () => log.update(),
    get runs() {
      const { series, restartStep, problem } = log;
      return [{ place, series, restartStep, problem }];
    },
  };
}
