import { join } from "node:path";
import {
  mayTrain,
  rankTrainingScripts,
  type ScriptCandidate,
  type ScriptFile,
} from "../../core/training/trainingScript.ts";
import { readSource } from "../base/readSource.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";

/** Files held in memory while they are compared. */
const MAX_SCRIPTS = 2_000;

/** The notebook of a folder that is most likely to train, by its name; relative. For a person who has no script yet. */
export async function findNotebook(folder: string, signal?: AbortSignal): Promise<string | undefined> {
  const { files } = await walkWorkspace(folder, { signal });
  const notebooks = files.filter(({ extension }) => extension === ".ipynb").map(({ path }) => path);
  return notebooks.find((path) => /train|fit|model/i.test(path)) ?? notebooks[0];
}

export type FoundScripts = { candidates: readonly ScriptCandidate[]; omissions: readonly string[] };

/** The training scripts and flows of a folder, best first. Reads texts only. */
export async function findTrainingScripts(folder: string, signal?: AbortSignal): Promise<FoundScripts> {
  const walk = await walkWorkspace(folder, { signal });
  const scripts: ScriptFile[] = [];
  for (const file of walk.files) {
    if (file.extension !== ".py" || scripts.length >= MAX_SCRIPTS) {
      continue;
    }
    signal?.throwIfAborted();
    const text = await readSource(join(folder, file.path));
    const script = text === undefined ? undefined : { path: file.path, text };
    if (script !== undefined && mayTrain(script)) {
      scripts.push(script);
    }
  }
  return { candidates: rankTrainingScripts(scripts), omissions: walk.omissions };
}
