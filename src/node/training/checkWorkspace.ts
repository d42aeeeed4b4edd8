import { join } from "node:path";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import type { MlFinding } from "../../core/training/audit/mlRule.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import { inItsFolder } from "./evaluatedBeside.ts";

/** A project has fewer; beyond that it is somebody's library. */
const MAX_FILES = 500;

/** What the checks of machine-learning code find in a folder, file by file, in the thread for Python. */
export async function checkWorkspace(
  folder: string,
  signal: AbortSignal,
): Promise<{ path: string; findings: readonly MlFinding[] }[]> {
  const { files } = await walkWorkspace(folder);
  const sources = files.filter(({ extension }) => extension === ".py").slice(0, MAX_FILES);
  const checked: { path: string; findings: readonly MlFinding[] }[] = [];
  for (const { path } of sources) {
    signal.throwIfAborted();
    const text = await readSource(join(folder, path));
    if (text !== undefined && mentionsMachineLearning(text)) {
      const { findings } = await pythonReader().read("mlChecks", { text }, signal);
      checked.push({ path, findings: await inItsFolder(join(folder, path), findings) });
    }
  }
  return checked.filter(({ findings }) => findings.length > 0);
}
