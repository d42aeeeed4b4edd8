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

/** Whether an expression holds only some rows of what it names: `x[:n]`, `df.iloc[:n][["a"]].values`, `x[is_train]`. */
export function cutsRows(node: PythonNode | null | undefined): boolean {
  if (!node) {
    return false;
  }
  switch (node.type) {
    case "subscript":
      return choosesRows(node.childForFieldName("subscript")) || cutsRows(node.childForFieldName("value"));
    case "attribute":
      return cutsRows(node.childForFieldName("object"));
    case "call": {
      const callee = node.childForFieldName("function");
      const isMade = ARRAY_MAKER.test(callee?.text ?? "");
      return cutsRows(isMade ? node.childForFieldName("arguments")?.firstNamedChild : callee);
    }
    case "expression_list":
      return node.namedChildren.some(cutsRows);
    default:
      return false;
  }
}

const ARRAY_MAKER = /^(?:np|numpy|pd|torch)\./;

/** What a mask of rows may be called; columns are chosen by names too. */
const MASK_NAME = /mask|idx|ind(?:ex|ices)|train|^(?:is|rows)_|_rows$/i;

/** Whether an index leaves rows out: it ends before the last ones, or is a mask. */
function choosesRows(index: PythonNode | null): boolean {
  if (!index) {
    return false;
  }
  switch (index.type) {
    case "slice":
      return !/^[^:]*:(?:$|:)/.test(index.text.replaceAll(/\s/g, ""));
    case "identifier":
      return MASK_NAME.test(index.text);
    case "comparison_operator":
      return true;
    case "parenthesized_expression":
      return choosesRows(index.firstNamedChild);
    case "unary_operator":
      return index.text.startsWith("~");
    case "binary_operator":
      return /^[&|]$/.test(index.childForFieldName("operator")?.text ?? "");
    default:
      return false;
  }
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
