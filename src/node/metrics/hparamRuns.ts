import { basename, dirname } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import type { Parameters } from "../../core/metrics/parameters.ts";
import type { Series } from "../../core/metrics/series.ts";

/** What is handed on of a run. */
type Handed = { place: string; series: readonly Series[]; files: readonly string[]; parameters?: Parameters };

/** Torch's `add_hparams` logs into a folder of its own, which is named by the time: `runs/a/1795341607.8585453`. */
const HPARAMS_FOLDER = /^\d{9,11}(?:\.\d+)?$/;

/**
 * By the folder that `add_hparams` made, that of the run which called it once. Where it was called again and again, each call
 * is a run that is compared with the others, and none is here.
 */
export function ownersOf(places: readonly string[]): ReadonlyMap<string, string> {
  const made = places.filter((place) => HPARAMS_FOLDER.test(basename(place)) && places.includes(dirname(place)));
  const byOwner = groupBy(made, (place) => dirname(place));
  return new Map([...byOwner].flatMap(([owner, [only = "", ...others]]) => (others.length > 0 ? [] : [[only, owner]])));
}

/** The runs, each with what `add_hparams` wrote for it. */
export function giveToOwners<Run extends Handed>(runs: readonly Run[], owners: ReadonlyMap<string, string>): Run[] {
  const byPlace = new Map(runs.map((run) => [run.place, run]));
  const made = new Map<string, Run>();
  for (const run of runs) {
    const owner = owners.get(run.place);
    if (owner !== undefined && byPlace.has(owner)) {
      made.set(owner, run);
    }
  }
  return runs
    .filter(({ place }) => !byPlace.has(owners.get(place) ?? ""))
    .map((run) => {
      const own = new Set(run.series.map(({ tag }) => tag));
      const { series, files, parameters }: Omit<Handed, "place"> = made.get(run.place) ?? { series: [], files: [] };
      return {
        ...run,
        series: [...run.series, ...series.filter(({ tag }) => !own.has(tag))],
        files: [...run.files, ...files],
        parameters: { ...run.parameters, ...parameters },
      };
    });
}
