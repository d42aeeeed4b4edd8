import { entryNumbers, parseTolerant } from "../jsonLog.ts";
import { flattenParameters, GrowingParameters, type Parameters } from "../parameters.ts";
import { mlflowEnd, type RunEnd } from "../runEnd.ts";
import type { Series } from "../series.ts";
import { SeriesTable } from "../seriesTable.ts";
import type { SqliteFile, SqliteRow, SqliteTable } from "./sqliteFile.ts";

/** One run of a store. */
export type StoredRun = {
  id: string;
  name: string;
  startedMs: number | undefined;
  end: RunEnd | undefined;
  series: readonly Series[];
  parameters: Parameters;
};

/** What is known of a run while it is read. */
type KnownRun = {
  name: string;
  startedMs: number | undefined;
  end: RunEnd | undefined;
  isDeleted: boolean;
  table: SeriesTable;
  parameters: GrowingParameters;
};

/** A store with more runs is a server's. */
const MAX_RUNS = 2_000;
/** So many rows are read before it is looked whether the database was changed meanwhile: some milliseconds, which a busy store leaves. */
const BATCH_ROWS = 1_000;

/**
 * The runs in the SQLite store of MLflow (`mlflow.db`: a row for each value) or of Trackio (`<project>.db`: a row of JSON for
 * each step). Each update reads the values that came since the last one, and the table of runs as it is now.
 */
export class RunStore {
  readonly #runs = new Map<string, KnownRun>();
  /** Of each table the last row that was taken. */
  readonly #lastRowIds = new Map<string, number>();

  get runs(): readonly StoredRun[] {
    return [...this.#runs].flatMap(([id, { name, startedMs, end, isDeleted, table, parameters }]) =>
      isDeleted ? [] : [{ id, name, startedMs, end, series: table.all(), parameters: parameters.all }],
    );
  }

  /**
   * Reads on. `isUnchanged` says whether the database is still what it was opened as; what was read of another one is dropped.
   * False where it was changed before its last row was read.
   */
  async update(file: SqliteFile, isUnchanged: () => Promise<boolean>): Promise<boolean> {
    const tables = await file.tables();
    const follow = (name: string, take: (row: Named) => void) =>
      this.#readRows(file, { name, table: tables.get(name), isUnchanged, take });
    const metrics = tables.get("metrics");
    const runs = tables.get("runs");
    if (metrics?.columns.includes("run_uuid") && runs?.columns.includes("run_uuid")) {
      await this.#readMlflowRuns(file, runs);
      return (
        (await follow("params", (row) => this.#takeMlflowParameter(row))) &&
        (await follow("metrics", (row) => this.#takeMlflow(row)))
      );
    }
    if (metrics?.columns.includes("metrics") && metrics.columns.includes("run_name")) {
      const isWhole = await follow("metrics", (row) => this.#takeTrackio(row));
      await this.#readTrackioConfigs(file, tables.get("configs"));
      return isWhole;
    }
    return isUnchanged();
  }

  /** Reads the rows of a table that came since it was read last. False where the database was changed meanwhile. */
  async #readRows(
    file: SqliteFile,
    {
      name,
      table,
      isUnchanged,
      take,
    }: {
      name: string;
      table: SqliteTable | undefined;
      isUnchanged: () => Promise<boolean>;
      take: (row: Named) => void;
    },
  ): Promise<boolean> {
    if (table === undefined) {
      return isUnchanged();
    }
    let batch: SqliteRow[] = [];
    const takeBatch = async () => {
      if (await isUnchanged()) {
        batch.forEach((row) => take(named(table, row)));
        this.#lastRowIds.set(name, batch.at(-1)?.rowId ?? this.#lastOf(name));
        batch = [];
        return true;
      }
      return false;
    };
    for await (const row of file.rows(table, this.#lastOf(name))) {
      batch.push(row);
      if (batch.length === BATCH_ROWS && !(await takeBatch())) {
        return false;
      }
    }
    return takeBatch();
  }

  #lastOf(name: string): number {
    return this.#lastRowIds.get(name) ?? -Infinity;
  }

  async #readMlflowRuns(file: SqliteFile, table: SqliteTable): Promise<void> {
    for await (const row of file.rows(table)) {
      const value = named(table, row);
      const run = this.#open(textOf(value("run_uuid")));
      if (run !== undefined) {
        const start = value("start_time");
        run.name = textOf(value("name")) || run.name;
        run.startedMs = typeof start === "number" ? start : run.startedMs;
        run.end = mlflowEnd(textOf(value("status")));
        run.isDeleted = value("lifecycle_stage") === "deleted";
      }
    }
  }

  #takeMlflowParameter(value: Named): void {
    this.#runs.get(textOf(value("run_uuid")))?.parameters.add({ [textOf(value("key"))]: textOf(value("value")) });
  }

  /** One row for each run, written maybe before its first value; a run that logs nothing has none here. */
  async #readTrackioConfigs(file: SqliteFile, table: SqliteTable | undefined): Promise<void> {
    if (table === undefined) {
      return;
    }
    for await (const row of file.rows(table)) {
      const value = named(table, row);
      const run = this.#runs.get(textOf(value("run_id")) || textOf(value("run_name")));
      run?.parameters.add(trackioConfig(textOf(value("config"))));
    }
  }

  #takeMlflow(value: Named): void {
    const run = this.#open(textOf(value("run_uuid")));
    const series = run?.table.open(textOf(value("key")));
    const [number, step, timeMs] = [value("value"), value("step"), value("timestamp")];
    if (run !== undefined && series !== undefined && typeof number === "number") {
      const time = typeof timeMs === "number" ? timeMs : Number.NaN;
      run.table.add(series, typeof step === "number" ? step : 0, time, mlflowNumber(number, value("is_nan") === 1));
    }
  }

  #takeTrackio(value: Named): void {
    const run = this.#open(textOf(value("run_id")) || textOf(value("run_name")));
    if (run === undefined) {
      return;
    }
    run.name = textOf(value("run_name")) || run.name;
    const timeMs = Date.parse(textOf(value("timestamp")));
    run.startedMs ??= Number.isNaN(timeMs) ? undefined : timeMs;
    const step = value("step");
    for (const [tag, number] of entryNumbers(parseTolerant(textOf(value("metrics"))))) {
      const series = run.table.open(tag);
      if (series !== undefined) {
        run.table.add(series, typeof step === "number" ? step : 0, timeMs, number);
      }
    }
  }

  #open(id: string): KnownRun | undefined {
    const known = this.#runs.get(id);
    if (known !== undefined || id === "" || this.#runs.size >= MAX_RUNS) {
      return known;
    }
    const run: KnownRun = {
      name: id,
      startedMs: undefined,
      end: undefined,
      isDeleted: false,
      table: new SeriesTable(),
      parameters: new GrowingParameters(),
    };
    this.#runs.set(id, run);
    return run;
  }
}

/** What the library adds itself begins with an underscore. */
function trackioConfig(text: string): Parameters {
  const own = Object.entries(flattenParameters(parseTolerant(text))).filter(([name]) => !name.startsWith("_"));
  return Object.fromEntries(own);
}

/** A value of a row by the name of its column. */
type Named = (column: string) => SqliteRow["values"][number];

function named({ columns }: SqliteTable, { values }: SqliteRow): Named {
  return (column) => values[columns.indexOf(column)] ?? null;
}

const decoder = new TextDecoder();

function textOf(value: SqliteRow["values"][number]): string {
  return typeof value === "string" ? value : value instanceof Uint8Array ? decoder.decode(value) : "";
}

/** The column of MLflow cannot hold NaN, which another one says, nor an infinity, for which the largest number stands. */
function mlflowNumber(number: number, isNan: boolean): number {
  if (isNan) {
    return Number.NaN;
  }
  return Math.abs(number) === Number.MAX_VALUE ? Math.sign(number) * Number.POSITIVE_INFINITY : number;
}
