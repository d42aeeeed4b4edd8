import { basename, dirname } from "node:path";
import type { MetricFile } from "./metricFiles.ts";

/**
 * By the place of event files that the Hugging Face Trainer wrote, `<output>/runs/<time>_<host>`, its output folder, where the
 * `trainer_state.json` of each checkpoint tells the same, only later. Where a training was resumed there are several such places,
 * of which none has all that the state has.
 */
export function trainerFoldersOf(
  byPlace: ReadonlyMap<string, readonly Pick<MetricFile, "kind">[]>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [folder, files] of byPlace) {
    if (files.every(({ kind }) => kind === "trainer-state")) {
      const logged = [...byPlace.keys()].filter(
        (place) => basename(dirname(place)) === "runs" && dirname(dirname(place)) === folder,
      );
      const [only] = logged;
      if (only !== undefined && logged.length === 1) {
        found.set(only, folder);
      }
    }
  }
  return found;
}
