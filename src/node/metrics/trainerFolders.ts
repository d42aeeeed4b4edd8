import { basename, dirname } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { MetricFile } from "./metricFiles.ts";

/**
 * By the place of event files that the Hugging Face Trainer wrote, `<output>/runs/<time>_<host>`, its output folder, where the
 * `trainer_state.json` of each checkpoint tells the same, only later. Where a training was resumed there are several such places,
 * of which none has all that the state has; where it was resumed elsewhere there is one, which goes on with what the state has from before.
 */
export function trainerFoldersOf(
  byPlace: ReadonlyMap<string, readonly Pick<MetricFile, "kind">[]>,
): ReadonlyMap<string, string> {
  const ofRuns = [...byPlace.keys()].filter((place) => basename(dirname(place)) === "runs");
  const byFolder = groupBy(ofRuns, (place) => dirname(dirname(place)));
  const found = new Map<string, string>();
  for (const [folder, [only, ...others]] of byFolder) {
    const isState = byPlace.get(folder)?.every(({ kind }) => kind === "trainer-state") === true;
    if (only !== undefined && others.length === 0 && isState) {
      found.set(only, folder);
    }
  }
  return found;
}

/** A state is read as a whole: its series stay the same until it is written anew. */
const asEvents = new WeakMap<Series, Series>();

/** A series of a state as the Trainer logs it to event files: `loss` is `train/loss` there, and `eval_loss` is `eval/loss`. */
export function asEventSeries(series: Series): Series {
  const { tag, steps, times, values } = series;
  const [, split = "train", name = tag] = /^(eval|test)_(.+)$/.exec(tag) ?? [];
  const known = asEvents.get(series) ?? { tag: `${split}/${name}`, steps, times, values };
  asEvents.set(series, known);
  return known;
}
