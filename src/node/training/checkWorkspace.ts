import { join } from "node:path";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { topicOf } from "../../core/training/audit/mlRules.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import { inItsFolder } from "./evaluatedBeside.ts";

/** A project has fewer; beyond that it is somebody's library. */
const MAX_FILES = 500;

/**
 * What the checks of machine-learning code find in a folder, in the thread for Python. What comments silence is among it:
 * code that is under review does not end its review.
 */
export async function checkWorkspace(folder: string, signal: AbortSignal) {
  const { files } = await walkWorkspace(folder);
  const sources = files.filter(({ extension }) => extension === ".py").slice(0, MAX_FILES);
  const checked = [];
  for (const { path } of sources) {
    signal.throwIfAborted();
    const text = await readSource(join(folder, path));
    if (text !== undefined && mentionsMachineLearning(text)) {
      const { findings, silenced } = await pythonReader().read("mlChecks", { text }, signal);
      checked.push(
        ...(await inItsFolder(join(folder, path), [...findings, ...silenced])).map((finding) => ({
          rule: finding.code,
          topic: topicOf(finding.code),
          severity: finding.severity,
          message: finding.message,
          where: `${path}:${finding.range.start.line + 1}`,
          isSilenced: silenced.includes(finding),
        })),
      );
    }
  }
  return checked;
}
