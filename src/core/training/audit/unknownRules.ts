import { closestName } from "../../base/closestName.ts";
import { namedRules } from "../../base/silence.ts";
import { adviceRules } from "../../metaflow/lint/adviceRules.ts";
import { METAFLOW_RULES } from "../../metaflow/lint/lintFlow.ts";
import type { MlFinding } from "./mlRule.ts";
import { ML_RULES } from "./mlRules.ts";

export const UNKNOWN_RULE = "unknown-rule";

/** Comments have one form for all checks, so what one of them does not know may be of another. */
const KNOWN = [...ML_RULES, ...METAFLOW_RULES, ...adviceRules].map(({ id }) => id);

/** Comments that silence nothing, since no check has a rule of the name they give. */
export function findUnknownRules(text: string): MlFinding[] {
  return namedRules(text)
    .filter(({ rule }) => !KNOWN.includes(rule) && rule !== "syntax-error")
    .map(({ rule, range }): MlFinding => {
      const meant = closestName(rule, KNOWN);
      const advice =
        meant === undefined
          ? "Write the name that stands behind the message of the rule."
          : `Did you mean \`${meant}\`?`;
      return {
        code: UNKNOWN_RULE,
        severity: "information",
        message: `No rule is called \`${rule}\`, so this comment silences nothing. ${advice}`,
        range,
        fixes: meant === undefined ? [] : [{ title: `Write \`${meant}\``, edits: [{ range, text: meant }] }],
        commentLines: [range.start.line],
      };
    });
}
