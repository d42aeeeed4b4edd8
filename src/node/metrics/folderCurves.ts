import { relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { RunCurves } from "../../core/dashboard/runCurves.ts";
import type { Column, Series } from "../../core/metrics/series.ts";
import { LogFolder, type LogPlace, type PlacedRun } from "./logFolder.ts";
import type { FolderQuestion, FolderReply, FolderRunReply } from "./metricsProtocol.ts";
import { type OpenedLogs, openLogs } from "./openLogs.ts";

/** The curves of the logs in one folder, each kept up to date. */
export class FolderCurves {
  readonly #root: string;
  #opened: OpenedLogs | undefined;
  #curves = new Map<string, RunCurves>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Of many runs the newest are read, or those that were chosen. */
  async read({ chosen, maxRuns, tags, hidden = [], ...detail }: FolderQuestion): Promise<FolderReply> {
    this.#opened ??= await openLogs(this.#root);
    if (this.#opened === undefined) {
      throw new UserError(`${this.#root} is not there any more. Show the curves of another folder.`);
    }
    const { logs, lookedFor } = this.#opened;
    await (logs instanceof LogFolder ? logs.update((places) => choosePlaces(places, chosen, maxRuns)) : logs.update());
    const runs = logs.runs.toSorted((a, b) => timeOf(b) - timeOf(a));
    const wanted = runs.filter(({ place }) => chosen.length === 0 || chosen.includes(place)).slice(0, maxRuns);
    const curves = new Map<string, RunCurves>();
    const answered = wanted.map((run): FolderRunReply => {
      const known = this.#curves.get(run.place) ?? new RunCurves();
      known.grow(run.series);
      curves.set(run.place, known);
      const series = known.draw(detail, hidden.includes(run.place) ? [] : tags);
      return { key: run.place, name: run.name, series, ...this.#factsOf(run) };
    });
    this.#curves = curves;
    const problems = logs instanceof LogFolder ? logs.problems : [];
    const known = knownOf(runs, logs instanceof LogFolder ? logs.unread : []);
    return { runs: answered, known, problems, lookedFor };
  }

  #factsOf({ files, series, problems = [], parameters = {}, startedMs, modifiedMs, end }: PlacedRun) {
    const [first = ""] = files;
    const path = relative(this.#root, first) || this.#root;
    const name = files.length > 1 ? `${path} and ${files.length - 1} more` : path;
    const source = [name, ...problems.map((problem) => problem.replace(/\.$/, ""))].join(". ");
    return { source, parameters, firstMs: startedMs ?? firstTime(series), lastMs: lastTime(series), modifiedMs, end };
  }
}

/** Runs of a store are chosen by the place of the store, before which stands what they are called in it. */
function choosePlaces(places: readonly LogPlace[], chosen: readonly string[], maxRuns: number): readonly LogPlace[] {
  return chosen.length === 0
    ? places.slice(0, maxRuns)
    : places.filter(({ place }) => chosen.some((each) => each === place || each.startsWith(`${place}#`)));
}

/** All runs of a store are written to one file, so when they began tells them apart. */
function timeOf({ startedMs, modifiedMs }: PlacedRun): number {
  return startedMs ?? modifiedMs;
}

/** The runs that were read, and the places that were not. */
function knownOf(runs: readonly PlacedRun[], unread: readonly LogPlace[]): FolderReply["known"] {
  return [
    ...runs.map((run) => ({ key: run.place, name: run.name, modifiedMs: timeOf(run) })),
    ...unread.map(({ place, name, modifiedMs }) => ({ key: place, name, modifiedMs })),
  ];
}

function firstTime(series: readonly Series[]): number {
  return extremeOf(
    series.flatMap(({ times }) => finite(times[0])),
    Math.min,
  );
}

function lastTime(series: readonly Series[]): number {
  return extremeOf(
    series.flatMap(({ times }) => finite(lastOf(times))),
    Math.max,
  );
}

function lastOf(column: Column): number | undefined {
  return column[column.length - 1];
}

function finite(time: number | undefined): number[] {
  return time !== undefined && Number.isFinite(time) ? [time] : [];
}

function extremeOf(times: readonly number[], pick: (a: number, b: number) => number): number {
  return times.reduce((found, time) => (Number.isNaN(found) ? time : pick(found, time)), Number.NaN);
}
