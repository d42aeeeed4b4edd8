import { EVALUATION_RULES } from "./evaluationRules.ts";
import { HELD_OUT_RULES } from "./heldOutRules.ts";
import { LEAKAGE_RULES } from "./leakageRules.ts";
import type { MlRule } from "./mlRule.ts";
import { REPRODUCIBILITY_RULES } from "./reproducibilityRules.ts";
import { TARGET_RULES } from "./targetRules.ts";

/** How a score gets better than the model is. */
export const HONESTY_RULES: readonly MlRule[] = [...LEAKAGE_RULES, ...TARGET_RULES, ...HELD_OUT_RULES];

/** How a score is measured, and whether it comes out again. */
export const CARE_RULES: readonly MlRule[] = [...EVALUATION_RULES, ...REPRODUCIBILITY_RULES];

/** What a rule is about: the score, how it is measured, or whether it comes out again. */
export function topicOf(rule: string): "leakage" | "evaluation" | "reproducibility" {
  const has = (rules: readonly MlRule[]) => rules.some(({ id }) => id === rule);
  return has(REPRODUCIBILITY_RULES) || rule === "split-without-seed"
    ? "reproducibility"
    : has(EVALUATION_RULES)
      ? "evaluation"
      : "leakage";
}

/** Every rule, for the documentation and the settings. */
export const ML_RULES: readonly MlRule[] = [...HONESTY_RULES, ...CARE_RULES];
