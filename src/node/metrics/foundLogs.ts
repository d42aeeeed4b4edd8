import { join, relative, sep } from "node:path";
import { groupBy } from "../../core/base/groupBy.ts";
import { ownersOf } from "./hparamRuns.ts";
import { newestOf } from "./logFolder.ts";
import { lookForMetricFiles } from "./metricFiles.ts";
import type { FoundLogs } from "./metricsProtocol.ts";
import { trainerFoldersOf } from "./trainerFolders.ts";

/** Runs that a supervisor knows are shown without being looked for. */
const OWN_FOLDER = ".trainyard";

/** What holds logs at the top of some folders: `runs`, `lightning_logs`, `mlflow.db`. What was written last comes first. */
export async function findLogsIn(roots: readonly string[]): Promise<FoundLogs[]> {
  const found = await Promise.all(roots.map(findIn));
  return found.flat().toSorted((a, b) => b.modifiedMs - a.modifiedMs);
}

async function findIn(root: string): Promise<FoundLogs[]> {
  const byTop = groupBy((await lookForMetricFiles(root)).files, ({ path }) => relative(root, path).split(sep)[0] ?? "");
  byTop.delete(OWN_FOLDER);
  return [...byTop].map(([top, files]) => {
    const byPlace = groupBy(files, ({ run }) => run);
    const told = ownersOf([...byPlace.keys()]).size + trainerFoldersOf(byPlace).size;
    return { path: join(root, top), places: byPlace.size - told, modifiedMs: newestOf(files) };
  });
}
