import type { Problem } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import { parsedScript } from "../parsedScript.ts";
import { type DataUse, readDataUse } from "./dataUse.ts";
import { type FixedCheckpoint, findFixedCheckpoints } from "./fixedCheckpoints.ts";
import { findLeakage, holdsOutData } from "./leakageRules.ts";
import { auditedCode } from "./scopedCalls.ts";
import { findSpeedAdvice, type SpeedAdvice } from "./speedRules.ts";

/** What the text of one training script says about its data, its honesty and its speed: plain data. */
export type TrainingAudit = {
  /** As people should see the file: `train.py`. */
  label: string;
  hasSyntaxErrors: boolean;
  data: DataUse;
  leakage: readonly Problem[];
  /** Something in it speaks of data that the model is not trained on. */
  holdsOut: boolean;
  speed: readonly SpeedAdvice[];
  fixedCheckpoints: readonly FixedCheckpoint[];
};

export function auditTraining(root: PythonNode, label: string): TrainingAudit {
  const code = auditedCode(parsedScript(root));
  return {
    label,
    hasSyntaxErrors: root.hasError,
    data: readDataUse(code),
    leakage: findLeakage(code),
    holdsOut: holdsOutData(code),
    speed: findSpeedAdvice(code),
    fixedCheckpoints: findFixedCheckpoints(code),
  };
}
