import { basename, dirname } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import { SeriesJoin } from "../../core/metrics/joinedSeries.ts";
import type { Series } from "../../core/metrics/series.ts";
import { asEventSeries } from "./trainerFolders.ts";

const LOSS = "train/loss";

type LoggedRun = {
  place: string;
  name: string;
  series: readonly Series[];
  files: readonly string[];
  modifiedMs: number;
};

/** Joins the event files of a Hugging Face Trainer with each other and with its state, where they are of one training. */
export class ResumedTrainers {
  readonly #joins = new Map<string, SeriesJoin>();

  /** What a state tells, up to the steps with which event files go on, and these, in the order in which they were begun. */
  join(state: LoggedRun, parts: readonly LoggedRun[]): Pick<LoggedRun, "series" | "files" | "modifiedMs"> {
    const join = this.#joins.get(state.place) ?? new SeriesJoin();
    this.#joins.set(state.place, join);
    const logs = parts.map((part) => ({ series: part.series, restartStep: firstStepOf(part) }));
    return {
      series: join.join([{ series: state.series.map(asEventSeries) }, ...logs]),
      files: [state, ...parts].flatMap(({ files }) => files),
      modifiedMs: Math.max(state.modifiedMs, ...parts.map(({ modifiedMs }) => modifiedMs)),
    };
  }

  /**
   * Makes one run of those in an output folder of a Trainer that was resumed there, which begins a place of event files each time.
   * Where what they log is not what the state tells, they are several trainings, and each stays its own.
   */
  joinAll<Run extends LoggedRun>(runs: readonly Run[]): readonly Run[] {
    const ofEvents = runs.filter(({ place }) => basename(dirname(place)) === "runs");
    const byFolder = groupBy(ofEvents, ({ place }) => dirname(dirname(place)));
    const joined = new Map<Run, Run>();
    const taken = new Set<Run>();
    for (const state of runs.filter(({ files }) => files.every((file) => basename(file) === "trainer_state.json"))) {
      const parts = (byFolder.get(state.place) ?? []).toSorted((a, b) => startOf(a) - startOf(b));
      const last = parts.at(-1);
      if (last !== undefined && areOneTraining(state, parts)) {
        parts.forEach((part) => void taken.add(part));
        joined.set(state, { ...last, place: state.place, name: state.name, ...this.join(state, parts) });
      }
    }
    return runs.filter((run) => !taken.has(run)).map((run) => joined.get(run) ?? run);
  }
}

/** The least step of a run. */
export function firstStepOf({ series }: LoggedRun): number {
  return series.reduce((first, { steps }) => Math.min(first, steps[0] ?? Infinity), Infinity);
}

function startOf({ series }: LoggedRun): number {
  return series.reduce((first, { times }) => Math.min(first, times[0] ?? Infinity), Infinity);
}

/** Whether each part but the first begins late, and up to where the next one does has the losses that the state tells. */
function areOneTraining(state: LoggedRun, parts: readonly LoggedRun[]): boolean {
  const told = new Map(valuesOf(state.series.find(({ tag }) => tag === "loss")));
  const first = firstStepOf(state);
  return parts.every((part, index) => {
    const until = Math.min(Infinity, ...parts.slice(index + 1).map(firstStepOf));
    const losses = valuesOf(part.series.find(({ tag }) => tag === LOSS)).filter(([step]) => step < until);
    const isAsTold = losses.every(([step, value]) => {
      const known = told.get(step);
      // Event files hold half of the digits.
      return known === undefined || Object.is(Math.fround(known), Math.fround(value));
    });
    return isAsTold && (index > 0 ? firstStepOf(part) > first : losses.some(([step]) => told.has(step)));
  });
}

function valuesOf(series: Series | undefined): [step: number, value: number][] {
  return Array.from(series?.values ?? [], (value, index) => [series?.steps[index] ?? 0, value]);
}
