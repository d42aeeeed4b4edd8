import { basename } from "node:path";
import { startedFirst } from "../../../core/training/namedRun.ts";
import type { Run } from "../../../core/training/runRecord.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { findFoldersCalled, findRunFolder, readRunOrReason } from "../runLedger.ts";

/**
 * The folder of the run that is to be read. Of several that are called so the only one that goes on is meant, else the
 * newest, and standard error says which was taken; what changes a run asks instead. `needsValues`: none is meant that did
 * not start.
 */
export async function findRunToRead(
  root: string,
  word: string,
  { needsValues = false }: { needsValues?: boolean } = {},
): Promise<string> {
  const folders = await findFoldersCalled(root, word);
  const [newest, another] = folders;
  if (newest === undefined || another === undefined) {
    return findRunFolder(root, word);
  }
  const found = await Promise.all(folders.map(readRunOrReason));
  const runs = found.filter((entry): entry is Run => !("reason" in entry));
  const isGoing = ({ state }: Run) => !hasEnded(state) && !(needsValues && state === "waiting");
  const [live, ...others] = runs.filter(isGoing);
  const isLive = live !== undefined && others.length === 0;
  const taken = isLive ? live.folder : needsValues ? (startedFirst(runs)[0]?.folder ?? newest) : newest;
  const which = isLive
    ? "the only one that has not ended"
    : taken === newest
      ? "the newest"
      : "the newest that started";
  process.stderr.write(
    `trainyard: ${folders.length} runs are called ${word}; this is ${basename(taken)}, ${which}. For another one write its id.\n`,
  );
  return taken;
}
