import type { PythonNode } from "../../base/pythonSyntax.ts";
import { isSilenced, silencesIn } from "../../base/silence.ts";
import { firstSyntaxError } from "../../base/syntaxError.ts";
import { parsedScript } from "../parsedScript.ts";
import { type DataUse, readDataUse } from "./dataUse.ts";
import { type FixedCheckpoint, findFixedCheckpoints } from "./fixedCheckpoints.ts";
import { holdsOutData } from "./heldOutRules.ts";
import { findByRules, type MlFinding, type MlRule } from "./mlRule.ts";
import { CARE_RULES, HONESTY_RULES } from "./mlRules.ts";
import { auditedCode } from "./scopedCalls.ts";
import { findSpeedAdvice, type SpeedAdvice } from "./speedRules.ts";

/** `isSilenced`: by a comment, which keeps it out of what a person reads and not out of what binds an agent. */
export type AuditFinding = MlFinding & { isSilenced: boolean };

/** What the text of one training script says about its data, its honesty and its speed: plain data. */
export type TrainingAudit = {
  /** As people should see the file: `train.py`. */
  label: string;
  /** Where it is no Python; what stands there was not seen. */
  syntaxErrorLine?: number;
  data: DataUse;
  leakage: readonly AuditFinding[];
  /** How it measures, and whether its result comes out again. */
  care: readonly AuditFinding[];
  /** Something in it speaks of data that the model is not trained on. */
  holdsOut: boolean;
  speed: readonly SpeedAdvice[];
  fixedCheckpoints: readonly FixedCheckpoint[];
};

export function auditTraining(root: PythonNode, label: string): TrainingAudit {
  const code = auditedCode(parsedScript(root));
  const silences = silencesIn(root.text);
  const broken = firstSyntaxError(root);
  const audited = (rules: readonly MlRule[]) =>
    findByRules(rules, code).map((finding) => ({ ...finding, isSilenced: isSilenced(finding, silences) }));
  return {
    label,
    ...(broken === undefined ? {} : { syntaxErrorLine: broken.startPosition.row }),
    data: readDataUse(code),
    leakage: audited(HONESTY_RULES),
    care: audited(CARE_RULES),
    holdsOut: holdsOutData(code),
    speed: findSpeedAdvice(code),
    fixedCheckpoints: findFixedCheckpoints(code),
  };
}
