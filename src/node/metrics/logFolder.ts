import { basename, relative } from "node:path";
import type { Series } from "../../core/metrics/series.ts";
import { findMetricFiles } from "./metricFiles.ts";
import { type MetricGroup, MetricGroups } from "./metricGroups.ts";

/** `problems`: what of its logs could not be read, as sentences. */
export type FolderRun = { name: string; series: readonly Series[]; problems?: readonly string[] };

/** The runs below a folder of logs that no supervisor knows: each folder with logs of its own is one, and each run of a store. */
export class LogFolder {
  readonly #root: string;
  readonly #groups = new Map<string, MetricGroups>();
  runs: readonly FolderRun[] = [];
  /** What is wrong with logs that gave no values at all, as sentences that name them. */
  problems: readonly string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads what was added since the last time. */
  async update(): Promise<void> {
    const files = await findMetricFiles(this.#root);
    const found: (FolderRun & { place: string })[] = [];
    const problems: string[] = [];
    for (const folder of new Set(files.map(({ run }) => run))) {
      const groups = this.#groups.get(folder) ?? new MetricGroups();
      this.#groups.set(folder, groups);
      for (const group of await groups.read(files.filter(({ run }) => run === folder))) {
        const series = groups.join(group, "");
        if (series.length > 0) {
          const own = group.logs.flatMap(({ problem }) => problem ?? []);
          found.push({ name: this.#nameOf(group), series, problems: own, place: this.#placeOf(group) });
        } else {
          problems.push(...group.logs.flatMap(({ path, problem }) => (problem ? `${basename(path)}: ${problem}` : [])));
        }
      }
    }
    const names = found.map(({ name }) => name);
    this.problems = problems;
    this.runs = found.map(({ place, name, ...run }) => {
      const isAlone = names.indexOf(name) === names.lastIndexOf(name);
      return { ...run, name: isAlone || place === name ? name : `${name} (${place})` };
    });
  }

  #nameOf(group: MetricGroup): string {
    return group.logs[0]?.name ?? this.#placeOf(group);
  }

  /** Where the logs of a run are, below the folder; of a log that was named itself, its folder's name. */
  #placeOf({ place }: MetricGroup): string {
    const path = relative(this.#root, place).replaceAll("\\", "/");
    return path === "" || path.startsWith("..") ? basename(place) : path;
  }
}
