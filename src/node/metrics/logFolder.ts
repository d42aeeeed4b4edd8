import { basename, relative } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import { compareNames } from "../../core/base/nameOrder.ts";
import { withNoun } from "../../core/base/withNoun.ts";
import type { Parameters } from "../../core/metrics/parameters.ts";
import type { RunEnd } from "../../core/metrics/runEnd.ts";
import type { Series } from "../../core/metrics/series.ts";
import { giveToOwners, ownersOf } from "./hparamRuns.ts";
import { lookForMetricFiles, type MetricFile } from "./metricFiles.ts";
import { type MetricGroup, MetricGroups } from "./metricGroups.ts";
import { firstStepOf, ResumedTrainers } from "./resumedTrainers.ts";
import { trainerFoldersOf } from "./trainerFolders.ts";

/** `problems`: what of its logs could not be read, as sentences. */
export type FolderRun = {
  /** Where it is logged, which stays the same while its name may change with the names of others. */
  place: string;
  name: string;
  series: readonly Series[];
  problems?: readonly string[];
  /** The hyper-parameters that the logs tell. */
  parameters?: Parameters;
};

/** A run with what its files tell. */
export type PlacedRun = FolderRun & {
  /** The files that its values are from. */
  files: readonly string[];
  /** When one of them was last written, and when the log says that the run began: milliseconds since 1970. */
  modifiedMs: number;
  startedMs?: number | undefined;
  /** How it ended, where its log tells. */
  end?: RunEnd | undefined;
};

/** Where logs are: a folder, or a store of many runs. */
export type LogPlace = { place: string; name: string; modifiedMs: number };

/** The runs below a folder of logs that no supervisor knows: each folder with logs of its own is one, and each run of a store. */
export class LogFolder {
  readonly #root: string;
  readonly #groups = new Map<string, MetricGroups>();
  /** Of places of event files, whether the state of their Trainer begins earlier, once that is known: then they go on with it. */
  readonly #isStateLonger = new Map<string, boolean>();
  readonly #resumed = new ResumedTrainers();
  /** See `trainerFoldersOf`. */
  #trainerFolders: ReadonlyMap<string, string> = new Map();
  runs: readonly PlacedRun[] = [];
  /** The places that were not chosen to be read, what was written last first. */
  unread: readonly LogPlace[] = [];
  /** What is wrong with logs that gave no values at all, and what was not looked through, as sentences that name them. */
  problems: readonly string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Reads what was added since the last time, and of many places only those that `choose` gives; the others are forgotten. */
  async update(choose: (places: readonly LogPlace[]) => readonly LogPlace[] = (places) => places): Promise<void> {
    const { files: all, unseen } = await lookForMetricFiles(this.#root);
    const byPlace = groupBy(all, ({ run }) => run);
    this.#forgetAllBut(byPlace);
    this.#trainerFolders = trainerFoldersOf(byPlace);
    const states = new Map<string, readonly MetricFile[]>();
    for (const [place, folder] of this.#trainerFolders) {
      states.set(place, byPlace.get(folder) ?? []);
      byPlace.delete(folder);
    }
    const owners = ownersOf([...byPlace.keys()]);
    const places = [...byPlace]
      .filter(([place]) => !owners.has(place))
      .map(([place, files]) => ({ place, name: this.#pathOf(place), modifiedMs: newestOf(files) }))
      .toSorted((a, b) => b.modifiedMs - a.modifiedMs);
    const chosen = new Set(choose(places).map(({ place }) => place));
    this.unread = places.filter(({ place }) => !chosen.has(place));
    const found: PlacedRun[] = [];
    const problems = this.#describeUnseen(unseen);
    for (const [folder, files] of byPlace) {
      if (!chosen.has(owners.get(folder) ?? folder)) {
        this.#groups.delete(folder);
        continue;
      }
      const read = await this.#read(folder, files);
      found.push(...(await this.#withState(folder, states.get(folder) ?? [], read.runs)));
      problems.push(...read.problems);
    }
    const runs = this.#resumed.joinAll(giveToOwners(found, owners));
    const byName = groupBy(runs, ({ name }) => name);
    this.problems = problems;
    this.runs = runs
      .map((run) => ({ ...run, name: this.#nameAmong(run, byName.get(run.name) ?? []) }))
      .toSorted((a, b) => compareNames(a.name, b.name));
  }

  /** What was read of runs that somebody deleted: a sweep with its clean-up would fill the memory. */
  #forgetAllBut(places: ReadonlyMap<string, unknown>): void {
    for (const known of [this.#groups, this.#isStateLonger]) {
      for (const place of known.keys()) {
        if (!places.has(place)) {
          known.delete(place);
        }
      }
    }
  }

  #describeUnseen(folders: readonly string[]): string[] {
    const [first] = folders;
    return first === undefined
      ? []
      : [
          `Not looked through, since too much there is no log: ${withNoun(folders.length, "folder")}, beginning with ${this.#pathOf(first)}. Name the folder of the logs itself.`,
        ];
  }

  async #read(folder: string, files: readonly MetricFile[]): Promise<{ runs: PlacedRun[]; problems: string[] }> {
    const groups = this.#groups.get(folder) ?? new MetricGroups();
    this.#groups.set(folder, groups);
    const runs: PlacedRun[] = [];
    const problems: string[] = [];
    for (const group of await groups.read(files)) {
      const series = groups.join(group, "");
      if (series.length > 0) {
        runs.push({ ...this.#runOf(group, series, files), parameters: await groups.parametersOf(group) });
      } else {
        problems.push(...group.logs.flatMap(({ path, problem }) => (problem ? `${basename(path)}: ${problem}` : [])));
      }
    }
    return { runs, problems };
  }

  /** A training that was resumed elsewhere has event files that begin late: what came before stands in its state alone. */
  async #withState(
    place: string,
    files: readonly MetricFile[],
    runs: readonly PlacedRun[],
  ): Promise<readonly PlacedRun[]> {
    const folder = this.#trainerFolders.get(place);
    const [run] = runs;
    if (folder === undefined || run === undefined || runs.length > 1 || this.#isStateLonger.get(place) === false) {
      return runs;
    }
    const [state] = (await this.#read(folder, files)).runs;
    if (state === undefined) {
      return runs;
    }
    const isLonger = firstStepOf(state) < firstStepOf(run);
    this.#isStateLonger.set(place, isLonger);
    if (!isLonger) {
      this.#groups.delete(folder);
      return runs;
    }
    return [{ ...run, ...this.#resumed.join(state, [run]) }];
  }

  #runOf({ place, logs }: MetricGroup, series: readonly Series[], all: readonly MetricFile[]): PlacedRun {
    const files = logs.filter((log) => log.series.length > 0).map(({ path }) => path);
    const used = new Set(files);
    return {
      place,
      name: logs[0]?.name ?? this.#pathOf(place),
      series,
      problems: logs.flatMap(({ problem }) => problem ?? []),
      files,
      modifiedMs: newestOf(all.filter(({ path }) => used.has(path))),
      startedMs: logs.map(({ startedMs }) => startedMs).find((time) => time !== undefined),
      end: logs.at(-1)?.end,
    };
  }

  /** Runs of one name are told apart by what their tracker calls them where that is short, else by where they are. */
  #nameAmong({ name, place }: PlacedRun, namesakes: readonly PlacedRun[]): string {
    const path = this.#pathOf(place);
    if (namesakes.length < 2 || path === name) {
      return name;
    }
    const isTold = new Set(namesakes.map((run) => shortIdOf(run.place))).size === namesakes.length;
    return `${name} (${(isTold ? shortIdOf(place) : undefined) ?? path})`;
  }

  /** Where the logs of a run are, below the folder; of a log that was named itself, its folder's name. */
  #pathOf(place: string): string {
    const path = relative(this.#root, this.#trainerFolders.get(place) ?? place).replaceAll("\\", "/");
    return path === "" || path.startsWith("..") ? basename(this.#trainerFolders.get(place) ?? place) : path;
  }
}

/** How MLflow and W&B tell runs of one name apart: a run of a store stands behind its file, one of W&B has a folder with a date. */
function shortIdOf(path: string): string | undefined {
  return /#(.{8})[^/]*$/.exec(path)?.[1] ?? /(?:^|\/)(?:offline-)?run-\d{8}_\d{6}-(\w+)$/.exec(path)?.[1];
}

export function newestOf(files: readonly Pick<MetricFile, "modifiedMs">[]): number {
  return files.reduce((newest, { modifiedMs }) => Math.max(newest, modifiedMs), 0);
}
