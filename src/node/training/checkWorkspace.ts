import { join } from "node:path";
import { isNotebook } from "../../core/base/notebookCells.ts";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { topicOf } from "../../core/training/audit/mlRules.ts";
import { notebookScript } from "../../core/training/audit/notebookScript.ts";
import { UNKNOWN_RULE } from "../../core/training/audit/unknownRules.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { MAX_NOTEBOOK_BYTES, readSource } from "../base/readSource.ts";
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
  const sources = files.filter(({ extension }) => [".py", ".ipynb"].includes(extension)).slice(0, MAX_FILES);
  const checked = [];
  for (const { path } of sources) {
    signal.throwIfAborted();
    const script = await readScript(join(folder, path));
    if (script !== undefined && mentionsMachineLearning(script.text)) {
      const { findings, silenced } = await pythonReader().read("mlChecks", { text: script.text }, signal);
      checked.push(
        ...(await inItsFolder(join(folder, path), [...findings.filter(isAboutCode), ...silenced])).map((finding) => ({
          rule: finding.code,
          topic: topicOf(finding.code),
          severity: finding.severity,
          message: finding.message,
          where: `${path}:${(script.fileLines[finding.range.start.line] ?? finding.range.start.line) + 1}`,
          isSilenced: silenced.includes(finding),
        })),
      );
    }
  }
  return checked;
}

/** The code of a file, and the lines of the file on which its lines stand where these are others. */
async function readScript(file: string): Promise<{ text: string; fileLines: readonly number[] } | undefined> {
  if (!isNotebook(file)) {
    const text = await readSource(file);
    return text === undefined ? undefined : { text, fileLines: [] };
  }
  const script = notebookScript((await readSource(file, MAX_NOTEBOOK_BYTES)) ?? "");
  return typeof script === "string" ? undefined : script;
}

/** A mistyped comment is no risk of a project. */
function isAboutCode({ code }: { code: string }): boolean {
  return code !== UNKNOWN_RULE;
}
