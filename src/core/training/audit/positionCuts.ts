import type { PythonNode } from "../../base/pythonSyntax.ts";
import { type Assignment, type AuditedCode, namesIn } from "./scopedCalls.ts";
import { derivedNames } from "./splitFlow.ts";
import { isHeldOutName } from "./testParts.ts";

/*
 * Splits by position, as series are split: `train, test = rows[:n], rows[n:]`, in one statement or in two. Rows are cut for
 * many reasons, so the names of the parts have to say what they are for.
 */

/** The first statement after a place that cuts the held-out part off rows that were looked at there. */
export function cutByPosition(
  code: AuditedCode,
  names: readonly string[],
  from: { scopeId: number; start: number },
): { line: number } | undefined {
  const later = code.assignments.filter(({ scopeId, start }) => scopeId === from.scopeId && start > from.start);
  const cut = (each: Assignment, bounds: RegExp, isPart: (name: string) => boolean) =>
    each.targets.some(isPart) &&
    slicedBy(bounds, each.value).some((rows) => derivedNames(code, names, { ...from, end: each.start }).has(rows));
  const head = later.find((each) => cut(each, HEAD, (name) => /train/i.test(name)));
  return head && later.find((each) => cut(each, TAIL, isHeldOutName));
}

/** `:n` and `0:n`, of which the first rows are; `n:` and `n:len(rows)`. */
const HEAD = /^0?:[^:]+$/;
const TAIL = /^[^:0][^:]*:(?:len\(.*\))?$/;

/** The names that an expression cuts with such bounds: `rows` of `rows[:n]` and `rows[:n, 0]`. */
function slicedBy(bounds: RegExp, value: PythonNode): string[] {
  return value.descendantsOfType("subscript").flatMap((node) => {
    const first = node.childrenForFieldName("subscript")[0];
    const isCut = first?.type === "slice" && bounds.test(first.text.replaceAll(/\s/g, ""));
    return isCut ? namesIn(node.childForFieldName("value")) : [];
  });
}
