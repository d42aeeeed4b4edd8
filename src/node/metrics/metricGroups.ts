import { groupBy } from "../../core/base/groupBy.ts";
import { renderBytes } from "../../core/base/renderBytes.ts";
import { SeriesJoin } from "../../core/metrics/joinedSeries.ts";
import { type Parameters, ShownParameters } from "../../core/metrics/parameters.ts";
import type { MetricFile, MetricFileKind } from "./metricFiles.ts";
import type { LoggedRun, MetricSource } from "./metricSource.ts";
import { isNamedByFile, openSource } from "./openSource.ts";
import { ParametersFile } from "./parametersFile.ts";
import { SqliteStores } from "./sqliteStores.ts";

/** The logs of one place: what one program wrote to it. */
export type MetricGroup = { place: string; logs: readonly (LoggedRun & { path: string })[] };

/** The most exact first; a run that logs the same to several is shown once. */
const PREFERENCE: readonly MetricFileKind[] = [
  "events",
  "trainer-state",
  "csv",
  "jsonl",
  "json",
  "wandb",
  "mlflow-run",
  "sqlite",
  "printed",
];

/** What is larger when it is read first is data with a log's name. Event files grow with pictures, which are passed over. */
const MAX_TEXT_BYTES = 256e6;

/** Follows logs, and tells them apart by the place where they are. */
export class MetricGroups {
  readonly #stores: SqliteStores;
  readonly #opened = new Map<string, { source: MetricSource; hasSiblings: boolean }>();
  readonly #joins = new Map<string, SeriesJoin>();
  readonly #shown = new Map<string, ShownParameters>();
  readonly #files = new Map<string, ParametersFile>();

  constructor(stores = new SqliteStores()) {
    this.#stores = stores;
  }

  /** What is followed, other runs' logs in the same stores as well. */
  get sources(): Iterable<MetricSource> {
    return [...this.#opened.values()].map(({ source }) => source);
  }

  /**
   * The logs of the first kind that has values, each read up to its end; where none has any, those that could not be read.
   * `isWanted` chooses among the runs of a store.
   */
  async read(
    files: readonly MetricFile[],
    isWanted: (run: LoggedRun) => boolean = () => true,
  ): Promise<readonly MetricGroup[]> {
    const broken: MetricGroup[] = [];
    const [readable = [], refused = []] = this.#divide(files);
    for (const kind of PREFERENCE) {
      const groups = await this.#readKind(
        readable.filter((file) => file.kind === kind),
        isWanted,
      );
      if (groups.some(({ logs }) => logs.some(({ series }) => series.length > 0))) {
        return groups;
      }
      broken.push(...groups.filter(({ logs }) => logs.some(({ problem }) => problem !== undefined)));
    }
    return [...broken, ...refused.map(refuse)];
  }

  /** The series of a group, the same objects as before where only values were added. */
  join({ place, logs }: MetricGroup, prefix: string) {
    const key = `${prefix}\n${place}`;
    const join = this.#joins.get(key) ?? new SeriesJoin(prefix);
    this.#joins.set(key, join);
    return join.join(logs);
  }

  /** The hyper-parameters that the logs of a group tell, and the file that lies beside them, as they may be shown. */
  async parametersOf({ place, logs }: MetricGroup): Promise<Parameters> {
    const file = this.#files.get(place) ?? new ParametersFile(place);
    this.#files.set(place, file);
    await file.update();
    const shown = this.#shown.get(place) ?? new ShownParameters();
    this.#shown.set(place, shown);
    return shown.of(Object.assign({}, file.parameters, ...logs.map(({ parameters }) => parameters)));
  }

  /** What is read, and what is too large to be begun with. */
  #divide(files: readonly MetricFile[]): MetricFile[][] {
    const isRefused = ({ path, kind, sizeBytes }: MetricFile) =>
      (kind === "csv" || kind === "jsonl") && sizeBytes > MAX_TEXT_BYTES && !this.#opened.has(path);
    return [files.filter((file) => !isRefused(file)), files.filter(isRefused)];
  }

  async #readKind(
    files: readonly MetricFile[],
    isWanted: (run: LoggedRun) => boolean,
  ): Promise<readonly MetricGroup[]> {
    const logs: (LoggedRun & { path: string })[] = [];
    const byRun = groupBy(files, ({ run }) => run);
    for (const file of files) {
      const source = this.#open(file, (byRun.get(file.run)?.length ?? 0) > 1);
      await source.update();
      logs.push(...source.runs.filter(isWanted).map((run) => ({ ...run, path: file.path })));
    }
    const isState = new Set(files.flatMap(({ path, kind }) => (kind === "trainer-state" ? path : [])));
    return [...groupBy(logs, ({ place }) => place)].map(([place, ofPlace]) => ({
      place,
      logs: ofPlace.every(({ path }) => isState.has(path)) ? lastState(ofPlace, files) : ofPlace,
    }));
  }

  #open(file: MetricFile, hasSiblings: boolean): MetricSource {
    const known = this.#opened.get(file.path);
    if (known !== undefined && (known.hasSiblings === hasSiblings || !isNamedByFile(file.kind))) {
      return known.source;
    }
    // What came beside a table, or is gone, changes the names of its metrics.
    const source = openSource(file, { hasSiblings, stores: this.#stores });
    this.#opened.set(file.path, { source, hasSiblings });
    return source;
  }
}

/** Of several states of a run the one that goes on where the others end; where none does, the training began anew, and the newest counts. */
function lastState<T extends LoggedRun & { path: string }>(states: readonly T[], files: readonly MetricFile[]): T[] {
  const timeOf = ({ path }: T) => files.find((file) => file.path === path)?.modifiedMs ?? 0;
  const [newest, ...others] = states.toSorted((a, b) => timeOf(b) - timeOf(a));
  return newest === undefined ? [] : [others.find((other) => goesOn(other, newest)) ?? newest];
}

/** Whether a log has all that another one has, and more. */
function goesOn(longer: LoggedRun, shorter: LoggedRun): boolean {
  const byTag = new Map(longer.series.map((series) => [series.tag, series]));
  const hasMore = longer.series.some(({ tag, values }) => {
    const known = shorter.series.find((series) => series.tag === tag);
    return values.length > (known?.values.length ?? 0);
  });
  return (
    hasMore &&
    shorter.series.every(({ tag, steps, values }) => {
      const found = byTag.get(tag);
      const last = values.length - 1;
      return found?.steps[last] === steps[last] && Object.is(found?.values[last], values[last]);
    })
  );
}

function refuse({ path, run, sizeBytes }: MetricFile): MetricGroup {
  const problem = `The file has ${renderBytes(sizeBytes)}. A text of more than ${renderBytes(MAX_TEXT_BYTES)} is data mostly, so it is not read. If it is a log, split it to see its curves.`;
  return { place: run, logs: [{ place: run, path, series: [], problem }] };
}
