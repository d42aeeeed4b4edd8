import { basename, relative } from "node:path";
import type { Series } from "../../core/metrics/series.ts";
import { findMetricFiles } from "./metricFiles.ts";
import { type MetricGroup, MetricGroups } from "./metricGroups.ts";

export type FolderRun = { name: string; series: readonly Series[] };

/** The runs below a folder of logs that no supervisor knows: each folder with logs of its own is one, and each run of a store. */
export class LogFolder {
  readonly #root: string;
  readonly #groups = new Map<string, MetricGroups>();
  runs: readonly FolderRun[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads what was added since the last time. */
  async update(): Promise<void> {
    const files = await findMetricFiles(this.#root);
    const runs: FolderRun[] = [];
    for (const folder of new Set(files.map(({ run }) => run))) {
      const groups = this.#groups.get(folder) ?? new MetricGroups();
      this.#groups.set(folder, groups);
      for (const group of await groups.read(files.filter(({ run }) => run === folder))) {
        const series = groups.join(group, "");
        if (series.length > 0) {
          runs.push({ name: this.#nameOf(group), series });
        }
      }
    }
    this.runs = runs;
  }

  #nameOf({ place, logs }: MetricGroup): string {
    return logs[0]?.name ?? (relative(this.#root, place).replaceAll("\\", "/") || basename(this.#root));
  }
}
