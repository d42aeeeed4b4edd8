import type { Fix, Problem } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { AuditedCode } from "./scopedCalls.ts";

/** What a rule saw, and where. */
export type RuleHit = {
  node: PythonNode;
  /** What is wrong, why that matters, and what to write instead. */
  message: string;
  /** Where it is another than the rule's. */
  severity?: Problem["severity"];
  fixes?: readonly Fix[];
};

export type MlRule = {
  id: string;
  severity: Problem["severity"];
  /** What people turn it off for, in one line. */
  about: string;
  find: (code: AuditedCode) => RuleHit[];
};

export type MlFinding = Problem & { fixes: readonly Fix[] };

/** Everything that the rules find, in the order of the text. */
export function findByRules(rules: readonly MlRule[], code: AuditedCode): MlFinding[] {
  const findings = rules.flatMap(({ id, severity, find }) =>
    find(code).map(({ node, message, severity: own, fixes }): MlFinding => {
      const { startPosition: start, endPosition: end } = node;
      return {
        code: id,
        severity: own ?? severity,
        message,
        range: {
          start: { line: start.row, column: start.column },
          end: { line: end.row, column: end.column },
        },
        fixes: fixes ?? [],
      };
    }),
  );
  return findings.toSorted((a, b) => a.range.start.line - b.range.start.line);
}
