import { dirname, join } from "node:path";
import { mentionsMachineLearning } from "../../core/training/audit/mlLibraries.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";

/** Scripts that judge the model of the script beside them. */
const EVALUATING = ["evaluate.py", "eval.py", "evaluation.py", "validate.py"];

/** Whether a script beside this one measures a model on rows that are held out. */
export async function isEvaluatedBeside(script: string): Promise<boolean> {
  for (const name of EVALUATING) {
    const path = join(dirname(script), name);
    const text = path === script ? undefined : await readSource(path);
    if (text !== undefined && mentionsMachineLearning(text)) {
      const { holdsOut } = await pythonReader().read("trainingAudit", { text, label: name });
      if (holdsOut) {
        return true;
      }
    }
  }
  return false;
}

/** The findings about a script as it stands in its folder: one whose model is judged by a script beside it holds rows out. */
export async function inItsFolder<Finding extends { code: string }>(
  script: string,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  return findings.some(lacksValidation) && (await isEvaluatedBeside(script))
    ? findings.filter((finding) => !lacksValidation(finding))
    : findings;
}

function lacksValidation({ code }: { code: string }): boolean {
  return code === "no-validation";
}
