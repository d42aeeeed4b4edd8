import type { Fix, Problem } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { AuditedCode } from "./scopedCalls.ts";
import { statementOf } from "./splitFlow.ts";

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

export type MlFinding = Problem & {
  fixes: readonly Fix[];
  /** Where a comment silences it: on its own lines, and on the first and the last line of its statement. */
  commentLines: readonly number[];
};

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
        commentLines: commentLinesOf(node),
      };
    }),
  );
  return findings.toSorted((a, b) => a.range.start.line - b.range.start.line);
}

function commentLinesOf(node: PythonNode): number[] {
  const statement = statementOf(node);
  const [first, last] = [statement.startPosition.row, headOf(statement).endPosition.row];
  const start = node.startPosition.row;
  if (start > last) {
    return [start];
  }
  const own = Array.from({ length: Math.min(node.endPosition.row, last) - start + 1 }, (_line, index) => start + index);
  return [first, ...own, last];
}

/** The part of a statement before its body; where it has none, the statement itself. */
function headOf(statement: PythonNode): PythonNode {
  const definition = statement.childForFieldName("definition") ?? statement;
  const body = definition.childForFieldName("body") ?? definition.childForFieldName("consequence");
  const colon = definition.children.findLast(
    ({ type, endIndex }) => type === ":" && endIndex <= (body?.startIndex ?? 0),
  );
  return colon ?? statement;
}
