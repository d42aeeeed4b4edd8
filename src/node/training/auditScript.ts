import { dirname } from "node:path";
import type { TrainingAudit } from "../../core/training/audit/trainingAudit.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";
import { workspaceRelative } from "../base/workspacePath.ts";
import { isEvaluatedBeside } from "./evaluatedBeside.ts";
import { findLocalImports } from "./localModules.ts";

/**
 * What a training script and the files of the workspace that it imports say about data, honesty and speed; the script
 * comes first. Reads texts only; empty where the script is gone or no text.
 */
export async function auditScript(
  script: string,
  workspaceFolder: string,
  signal?: AbortSignal,
): Promise<TrainingAudit[]> {
  const text = await readSource(script);
  if (text === undefined) {
    return [];
  }
  const audit = (source: string, path: string) =>
    pythonReader().read("trainingAudit", { text: source, label: workspaceRelative(workspaceFolder, path) }, signal);
  const { imports } = await pythonReader().read("scriptFacts", { text, label: script }, signal);
  const modules: TrainingAudit[] = [];
  for (const path of findLocalImports(imports, dirname(script), workspaceFolder).paths) {
    const source = path === script ? undefined : await readSource(path);
    if (source !== undefined) {
      modules.push(await audit(source, path));
    }
  }
  const own = await audit(text, script);
  return [{ ...own, holdsOut: own.holdsOut || (await isEvaluatedBeside(script)) }, ...modules];
}
