import { relative } from "node:path";
import type { Parameters } from "../../core/metrics/parameters.ts";
import type { Series } from "../../core/metrics/series.ts";
import { findMetricFiles, type MetricFile, ROUNDING_MS } from "./metricFiles.ts";
import { type MetricGroup, MetricGroups } from "./metricGroups.ts";
import type { LoggedRun, MetricSource } from "./metricSource.ts";
import { PrintedMetrics } from "./printedMetrics.ts";
import { SqliteStores } from "./sqliteStores.ts";

/** Where the values of a run may be. Times in milliseconds since 1970. */
export type RunLogs = {
  /** What the training was told to log to; absent where nobody knows. */
  folder?: string;
  /** Where tracking libraries log to when they are told no place; looked at when there is nothing in `folder`. */
  trackers?: readonly string[];
  /** What it printed, in the supervisor's format. */
  console?: string;
  startedMs: number;
  /** Absent while it runs. */
  endedMs?: number;
};

/** A writer may close its file a moment after the process is seen to have ended. */
const CLOSING_MS = 2_000;

/** The curves of one run, of which each update reads what was added. */
export class RunMetrics {
  #logs: RunLogs;
  readonly #files: MetricGroups;
  readonly #printed = new PrintedMetrics();
  #groups: readonly MetricGroup[] = [];
  /** How many runs of the tracking libraries may be this one. */
  #candidates = 0;
  /** What is wrong with the logs that were looked at, as sentences without their full stop. */
  #problems: readonly string[] = [];
  series: readonly Series[] = [];
  /** The hyper-parameters that the logs tell. */
  parameters: Parameters = {};

  /** Runs that share `stores` read each store once. */
  constructor(logs: RunLogs, stores = new SqliteStores()) {
    this.#logs = logs;
    this.#files = new MetricGroups(stores);
  }

  /** What it keeps values in besides its series. */
  get sources(): Iterable<MetricSource> {
    return this.#files.sources;
  }

  /** Reads what is new. `logs` tells the end of a run that has ended meanwhile. */
  async update(logs: RunLogs = this.#logs): Promise<void> {
    this.#logs = logs;
    const { folder, trackers = [], console } = logs;
    this.#candidates = 0;
    this.#problems = [];
    this.#take(await this.#readFrom(folder === undefined ? [] : [folder]));
    if (this.series.length === 0) {
      const groups = await this.#readFrom(trackers);
      this.#candidates = groups.filter((group) => group.logs.some(({ series }) => series.length > 0)).length;
      // Trackers do not say whose their runs are: among several that began meanwhile, others' curves would be taken for its own.
      this.#take(this.#candidates === 1 ? groups : []);
    }
    this.parameters = Object.assign(
      {},
      ...(await Promise.all(this.#groups.map((each) => this.#files.parametersOf(each)))),
    );
    if (this.series.length === 0 && console !== undefined) {
      await this.#printed.update(console);
      this.series = this.#printed.series;
    }
  }

  async #readFrom(places: readonly string[]): Promise<readonly MetricGroup[]> {
    const files = (await Promise.all(places.map(findMetricFiles))).flat();
    const groups = await this.#files.read(
      files.filter((file) => this.#isOwn(file)),
      (run) => this.#beganDuring(run),
    );
    const problems = groups.flatMap((group) => group.logs.flatMap(({ problem }) => problem ?? []));
    this.#problems = [...this.#problems, ...problems.map((problem) => problem.replace(/\.$/, ""))];
    return groups;
  }

  #take(groups: readonly MetricGroup[]): void {
    this.#groups = groups;
    this.series = this.#joinPlaces();
  }

  /** Where the values are from, or where they were looked for: the end of a sentence. */
  source(root: string): string {
    const logs = this.#groups.flatMap((group) => group.logs);
    const used = [...new Set(logs.filter(({ series }) => series.length > 0).map(({ path }) => path))];
    const [first] = used;
    if (first !== undefined) {
      const name = relative(root, first);
      return [used.length > 1 ? `${name} and ${used.length - 1} more` : name, ...this.#problems].join(". ");
    }
    if (this.series.length > 0) {
      return "what the training printed";
    }
    const { folder } = this.#logs;
    const looked = folder === undefined ? "" : `${relative(root, folder) || "."} and `;
    const unclear =
      this.#candidates > 1
        ? `. ${this.#candidates} runs of tracking libraries began meanwhile; none says it is this one`
        : "";
    return [`no values yet; looked in ${looked}what the training printed${unclear}`, ...this.#problems].join(". ");
  }

  #isOwn({ modifiedMs, kind }: MetricFile): boolean {
    // A store is written by later runs as well; its runs say themselves when they began.
    return kind === "sqlite" ? modifiedMs >= this.#logs.startedMs - ROUNDING_MS : this.#isDuring(modifiedMs);
  }

  /** What began after the end, however shortly, is the next run's. */
  #beganDuring({ startedMs }: LoggedRun): boolean {
    const { endedMs = Infinity } = this.#logs;
    return startedMs === undefined || (this.#isDuring(startedMs) && startedMs <= endedMs);
  }

  #isDuring(timeMs: number): boolean {
    const { startedMs, endedMs = Infinity } = this.#logs;
    return timeMs >= startedMs - ROUNDING_MS && timeMs <= endedMs + CLOSING_MS;
  }

  /** Runs of a store have names. Files of one folder go on with each other; those of several are told apart by the folder, as TensorBoard does. */
  #joinPlaces(): Series[] {
    const root = this.#logs.folder ?? "";
    const isAlone = this.#groups.length === 1;
    return this.#groups.flatMap((group) => {
      const place = isAlone ? "" : (group.logs[0]?.name ?? relative(root, group.place).replaceAll("\\", "/"));
      return this.#files.join(group, place === "" ? "" : `${place}/`);
    });
  }
}
