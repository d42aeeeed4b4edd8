import { stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { isCalled } from "../../core/training/runId.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { findRunToRead } from "./cli/runToRead.ts";
import { listRunNames, listRuns, readRun, runsFolder } from "./runLedger.ts";

/**
 * The runs that a word means: `latest`, an id or how one begins, what a run is called, the folder of a run or of all runs (or the `.trainyard`
 * around it), newest first. Undefined for a word that means something else. A path that exists is taken as one.
 */
export async function namedRuns(root: string, word: string): Promise<readonly Run[] | undefined> {
  const path = resolve(root, word);
  if ((await stat(path).catch(() => undefined)) !== undefined) {
    return runsAt(path);
  }
  const isNamed =
    word === "latest" || (await listRunNames(root)).some((name) => name.startsWith(word) || isCalled(name, word));
  return isNamed ? [await readRun(await findRunToRead(root, word, { needsValues: true }))] : undefined;
}

async function runsAt(path: string): Promise<readonly Run[] | undefined> {
  const parts = path.split(sep);
  const at = parts.lastIndexOf(".trainyard");
  const [runs, id, ...below] = parts.slice(at + 1);
  if (at === -1 || (runs !== undefined && runs !== "runs") || below.length > 0) {
    return undefined;
  }
  const workspace = dirname(parts.slice(0, at + 1).join(sep));
  return id === undefined ? (await listRuns(workspace)).runs : [await readRun(join(runsFolder(workspace), id))];
}
