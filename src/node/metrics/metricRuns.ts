import type { Run } from "../../core/training/runRecord.ts";
import type { FolderRun } from "./logFolder.ts";
import { logsOfRun } from "./logsOfRun.ts";
import { RunMetrics } from "./runMetrics.ts";

/** Runs with their curves, of which each update reads what was added. */
export type MetricRuns = {
  readonly runs: readonly FolderRun[];
  /** What is wrong with logs that gave no values at all, as sentences. */
  readonly problems?: readonly string[];
  update(): Promise<void>;
};

/** The curves of runs that a supervisor knows: what each logged, else what it printed. Runs without values are left out. */
export class SupervisedRuns implements MetricRuns {
  readonly #known: readonly { place: string; name: string; metrics: RunMetrics }[];
  runs: readonly FolderRun[] = [];

  constructor(runs: readonly Run[]) {
    this.#known = runs.map((run) => ({
      place: run.folder,
      name: run.record.id,
      metrics: new RunMetrics(logsOfRun(run)),
    }));
  }

  async update(): Promise<void> {
    for (const { metrics } of this.#known) {
      await metrics.update();
    }
    const named = this.#known.map(({ place, name, metrics }) => ({
      place,
      name,
      series: metrics.series,
      parameters: metrics.parameters,
    }));
    this.runs = named.filter(({ series }) => series.length > 0);
  }
}
