import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../base/fileErrors.ts";
import { readSource } from "../base/readSource.ts";

/** Metaflow numbers its runs by the time they started; older ones prove nothing more. */
const MAX_RUNS = 50;

/**
 * The newest run of a flow in Metaflow's local store whose last step finished, as its id. Metaflow looks for
 * `.metaflow` in the folder it runs in and upwards. A failed task leaves a `DONE.lock` too; only its metadatum
 * `attempt_ok` tells (Netflix/metaflow:metaflow/task.py).
 */
export async function findFinishedRun(
  flowPath: string,
  flow: { name: string; endStep: string },
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const root = await localStore(dirname(flowPath), environment["METAFLOW_DATASTORE_SYSROOT_LOCAL"]);
  if (root === undefined) {
    return undefined;
  }
  const runs = (await namesIn(join(root, flow.name))).filter((name) => /^\d+$/.test(name));
  for (const run of runs.toSorted((a, b) => Number(b) - Number(a)).slice(0, MAX_RUNS)) {
    const end = join(root, flow.name, run, flow.endStep);
    for (const task of await namesIn(end)) {
      if (await hasSucceeded(join(end, task, "_meta"))) {
        return run;
      }
    }
  }
  return undefined;
}

async function hasSucceeded(metadata: string): Promise<boolean> {
  const names = (await namesIn(metadata)).filter((name) => /^sysmeta_attempt_ok_\d+\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readSource(join(metadata, name))));
  return texts.some((text) => text !== undefined && /"value":\s*"True"/.test(text));
}

async function localStore(folder: string, root: string | undefined): Promise<string | undefined> {
  if (root !== undefined && root !== "") {
    return join(root, ".metaflow");
  }
  for (let current = folder; ; current = dirname(current)) {
    const store = join(current, ".metaflow");
    if ((await stat(store).catch(() => undefined))?.isDirectory() === true) {
      return store;
    }
    if (dirname(current) === current) {
      return undefined;
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A flow without runs, and the files beside the runs.
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ENOTDIR") {
      throw error;
    }
    return [];
  }
}
