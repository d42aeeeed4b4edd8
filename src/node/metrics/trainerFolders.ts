import { basename, dirname } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import type { MetricFile } from "./metricFiles.ts";

/**
 * By the place of event files that the Hugging Face Trainer wrote, `<output>/runs/<time>_<host>`, its output folder, where the
 * `trainer_state.json` of each checkpoint tells the same, only later. Where a training was resumed there are several such places,
 * of which none has all that the state has; where it was resumed elsewhere there is one, which does not have all either.
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
