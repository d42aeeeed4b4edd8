import { isNotebook } from "../../core/base/notebookCells.ts";
import type { Problem } from "../../core/base/problems.ts";
import { checkMachineLearning } from "../../core/training/audit/checkMachineLearning.ts";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import type { MlFinding } from "../../core/training/audit/mlRule.ts";
import { inCells, notebookScript } from "../../core/training/audit/notebookScript.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { MAX_NOTEBOOK_BYTES, readSource } from "../base/readSource.ts";
import { inItsFolder } from "./evaluatedBeside.ts";

/** What the checks of machine-learning code find in a file; nothing where it is gone, too large or imports no library for it. */
export async function checkTraining(path: string) {
  if (isNotebook(path)) {
    return checkNotebook(path);
  }
  const text = await readSource(path);
  return text === undefined || !mentionsMachineLearning(text)
    ? undefined
    : { findings: await findInScript(path, text), count: 1 };
}

/** Python does not start a file that it cannot parse, so a check of one that finds nothing else must not pass. */
async function findInScript(path: string, text: string): Promise<readonly MlFinding[]> {
  const { syntaxError, findings } = checkMachineLearning(await loadPythonParser(), text);
  return [...(syntaxError === undefined ? [] : [syntaxError]), ...(await inItsFolder(path, findings))];
}

async function checkNotebook(path: string) {
  const text = await readSource(path, MAX_NOTEBOOK_BYTES);
  const script = text === undefined ? undefined : notebookScript(text);
  if (script === undefined || (typeof script !== "string" && !mentionsMachineLearning(script.text))) {
    return undefined;
  }
  return typeof script === "string"
    ? { findings: [unreadable(script)], count: 1 }
    : { findings: inCells(await findIn(path, script.text), script), count: 1 };
}

async function findIn(path: string, text: string): Promise<readonly MlFinding[]> {
  return inItsFolder(path, checkMachineLearning(await loadPythonParser(), text).findings);
}

function unreadable(message: string): Problem & { fixes: [] } {
  const start = { line: 0, column: 0 };
  return { code: "invalid-notebook", severity: "error", message, range: { start, end: start }, fixes: [] };
}
