import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { checkMachineLearning } from "../../core/training/audit/mlRules.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { readSource } from "../base/readSource.ts";
import { inItsFolder } from "./evaluatedBeside.ts";

/** What the checks of machine-learning code find in a file; nothing where it is gone, too large or imports no library for it. */
export async function checkTraining(path: string) {
  const text = await readSource(path);
  return text === undefined || !mentionsMachineLearning(text)
    ? undefined
    : { findings: await inItsFolder(path, checkMachineLearning(await loadPythonParser(), text).findings), count: 1 };
}
