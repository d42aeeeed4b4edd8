import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  mayTrain,
  rankTrainingScripts,
  type ScriptCandidate,
  type ScriptFile,
} from "../../core/training/trainingScript.ts";
import { type WorkspaceWalk, walkWorkspace } from "../base/workspaceWalk.ts";

/** Python that a person wrote is smaller; what is larger was generated. */
export const MAX_SOURCE_BYTES = 1_000_000;

/** Files held in memory while they are compared. */
const MAX_SCRIPTS = 2_000;

export type FoundScripts = { candidates: readonly ScriptCandidate[]; omissions: readonly string[] };

/** The training scripts and flows of a folder, best first. Reads texts only. */
export async function findTrainingScripts(folder: string, signal?: AbortSignal): Promise<FoundScripts> {
  const walk = await walkWorkspace(folder, { signal });
  return { candidates: await rankWalkedScripts(folder, walk, signal), omissions: walk.omissions };
}

/** The same for a walk that was already made. */
export async function rankWalkedScripts(
  folder: string,
  walk: WorkspaceWalk,
  signal?: AbortSignal,
): Promise<ScriptCandidate[]> {
  const scripts: ScriptFile[] = [];
  for (const file of walk.files) {
    if (file.extension !== ".py" || scripts.length >= MAX_SCRIPTS) {
      continue;
    }
    signal?.throwIfAborted();
    const text = await readSource(join(folder, file.path));
    if (text !== undefined && mayTrain(text)) {
      scripts.push({ path: file.path, text });
    }
  }
  return rankTrainingScripts(scripts);
}

/** The text of a source file; nothing where it is gone, unreadable or larger than any source. */
export async function readSource(path: string, maxBytes = MAX_SOURCE_BYTES): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    return size > maxBytes ? undefined : (await file.readFile("utf8")).replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}
