import type { PythonNode } from "../../base/pythonSyntax.ts";
import { identifiersIn } from "./scopedCalls.ts";

/*
 * Which rows an expression holds. A name in it may be the rows themselves (`X_test`), choose them (`X[test_idx]`), leave them
 * out (`X[~test_mask]`), or only say how many there are (`X[:-test_size]`).
 */

/** `test_size`, `n_test`: says how many rows there are. */
const COUNT = /(?:^|_)(?:size|len|length|count|num|frac|fraction|ratio|share|percent)$|^(?:n|num)_/i;

/** `test_idx`, `test_fold`: says which rows there are. What a call makes of it is only known of some calls. */
const CHOICE = /(?:^|_)(?:mask|idx|idxs|index|indexes|indices|ids?|subjects?|folds?|groups?|years?|dates?|start|end)$/i;

const CHOOSING_CALLS = /^(?:Subset|take|select|index_select|compress|get_group|load\w*|read\w*)$/;

const LEAVING_OUT = /^(?:delete|setdiff1d|difference|anti_join|(?:drop|exclude|remove|without|subtract|all_but)\w*)$/;

/** Calls that pass a choice of rows on. */
const PASSING_CALLS = /^(?:isin|eq|where|nonzero|flatnonzero|array|asarray|tensor|list|tuple|set|sorted)$/;

/** Of a table, without its rows. */
const NO_ROWS = /^(?:columns|dtypes?|name|feature_names)$/;

const ONE_COUNT = /^(?:shape|size)$/;

/** What is known of a name on the way from it to the whole expression. */
type Reading = { isCount: boolean; isChoice: boolean; isLeftOut: boolean; isLost: boolean };

/** The names in an expression whose rows it holds. */
export function namesOfRows(root: PythonNode | null | undefined): string[] {
  return root
    ? [
        ...new Set(
          identifiersIn(root)
            .filter((name) => holdsRowsOf(name, root))
            .map(({ text }) => text),
        ),
      ]
    : [];
}

function holdsRowsOf(name: PythonNode, root: PythonNode): boolean {
  const { text } = name;
  const isCount = COUNT.test(text);
  const reading: Reading = { isCount, isChoice: !isCount && CHOICE.test(text), isLeftOut: false, isLost: false };
  for (let child = name; child.id !== root.id && child.parent && !reading.isLost; child = child.parent) {
    readStep(reading, child, child.parent);
  }
  return !reading.isLost && !reading.isLeftOut && !reading.isCount;
}

/** What the expression around a part does to the rows that the part names. */
function readStep(reading: Reading, child: PythonNode, parent: PythonNode): void {
  const leaveOut = (isSo: boolean) => {
    reading.isLeftOut = reading.isLeftOut !== isSo;
  };
  switch (parent.type) {
    case "attribute":
      return readAttribute(reading, child, parent);
    case "argument_list":
      return readArgument(reading, child, parent);
    case "unary_operator":
    case "not_operator":
      return leaveOut(true);
    case "binary_operator":
      return leaveOut(operatorOf(parent) === "-" && parent.childForFieldName("right")?.id === child.id);
    case "comparison_operator":
      return leaveOut(comparesAway(child, parent));
    case "slice": {
      const isStart = parent.firstChild?.id === child.id;
      // `X[:n_test]` are the first of so many rows, and `X[:test_start]` those before the test set.
      leaveOut(reading.isCount === isStart);
      reading.isLost = reading.isCount && /train/i.test(parent.parent?.childForFieldName("value")?.text ?? "");
      reading.isCount = false;
      return undefined;
    }
    case "subscript":
      reading.isChoice &&= parent.childForFieldName("value")?.id === child.id;
      return undefined;
    default:
      return undefined;
  }
}

function readAttribute(reading: Reading, child: PythonNode, parent: PythonNode): void {
  const attribute = parent.childForFieldName("attribute")?.text ?? "";
  if (parent.childForFieldName("object")?.id === child.id) {
    reading.isLost = NO_ROWS.test(attribute);
    reading.isCount ||= ONE_COUNT.test(attribute);
  }
}

function readArgument(reading: Reading, child: PythonNode, list: PythonNode): void {
  const callee = list.parent?.childForFieldName("function");
  const owner = callee?.childForFieldName("object")?.text;
  const method = (callee?.type === "attribute" ? callee.childForFieldName("attribute") : callee)?.text ?? "";
  const isFirst = list.firstNamedChild?.id === child.id;
  if (method === "len") {
    reading.isCount = true;
  } else if (LEAVING_OUT.test(method)) {
    // `np.delete(X, rows)` gives what is first in it, `df.drop(rows)` what it is called on.
    const isOfOwner = owner !== undefined && !/^(?:np|numpy|torch)$/.test(owner);
    reading.isLeftOut = reading.isLeftOut !== (isOfOwner || !isFirst);
    reading.isChoice = false;
  } else if (/^(?:logical_not|bitwise_not|invert|ne)$/.test(method)) {
    reading.isLeftOut = !reading.isLeftOut;
  } else if (reading.isChoice && !PASSING_CALLS.test(method)) {
    reading.isLost = !CHOOSING_CALLS.test(method) || /train|but|except/i.test(method);
    reading.isChoice = false;
  }
}

/** `!=`, `not in`, `== False`, and before a point in time: the rows that a comparison keeps are not the named ones. */
function comparesAway(child: PythonNode, comparison: PythonNode): boolean {
  const [left, operator, right] = comparison.children;
  const isLeft = left?.id === child.id;
  const other = (isLeft ? right : left)?.text ?? "";
  const isOpposite = /^(?:False|0)$/.test(other);
  switch (operator?.type ?? "") {
    case "!=":
    case "not in":
      return !isOpposite;
    case "<":
    case "<=":
      return !isLeft;
    case ">":
    case ">=":
      return isLeft;
    default:
      return isOpposite;
  }
}

function operatorOf(node: PythonNode): string | undefined {
  return node.childForFieldName("operator")?.text;
}
