import { stringOf } from "../../base/pythonLiteral.ts";
import { type PythonCall, type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type AuditedCode, classOf, namesIn, ownerOf } from "./scopedCalls.ts";

/** A column that is computed of others of the same row: `ratio` of `df["ratio"] = df["churn"] * df["spend"]`. */
export type DerivedColumn = {
  frame: string;
  name: string;
  /** The columns that it is computed of, each once. */
  sources: readonly string[];
  value: PythonNode;
};

/** What maps each value by itself. A lag, an average or a lookup may hide the value, so they are no such thing. */
const ELEMENTWISE =
  /^(?:log|log2|log10|log1p|exp|expm1|sqrt|square|power|abs|sign|round|floor|ceil|clip|astype|where|cut|qcut|int|float|add|sub|mul|div|eq|ne|gt|ge|lt|le)$/;

/** What gives each value of a column another one by a rule that stands there: `df["churn"].map({"Yes": 1, "No": 0})`. */
const RULED = /^(?:map|apply|replace)$/;

/** Give each value of a column a number of its own. */
const ENCODER = /^(?:LabelEncoder|OrdinalEncoder|LabelBinarizer)$/;

/** What keeps the columns of a table and only some of its rows. */
const KEEPS_COLUMNS = /^(?:train_test_split|copy|dropna|fillna|reset_index|sample|sort_values|head|query)$/;

const PARTS = new Set([
  "binary_operator",
  "comparison_operator",
  "unary_operator",
  "parenthesized_expression",
  "integer",
  "float",
  "string",
  "true",
  "false",
  "list",
]);

/** The columns that a file computes of others by arithmetic and the like, in the order of the text. */
export function derivedColumns(code: AuditedCode): DerivedColumn[] {
  const assigned = code.root.descendantsOfType("assignment").flatMap((node) => {
    const left = node.childForFieldName("left");
    const frame = left?.type === "subscript" ? left.childForFieldName("value") : undefined;
    const name = stringOf(left?.childForFieldName("subscript"));
    const value = node.childForFieldName("right");
    return frame?.type === "identifier" && name !== undefined && value ? [{ frame: frame.text, name, value }] : [];
  });
  const added = code.calls.flatMap((call) => {
    const frame = call.method === "assign" ? ownerOf(call) : undefined;
    return frame?.type === "identifier"
      ? [...call.keywords].map(([name, value]) => ({ frame: frame.text, name, value }))
      : [];
  });
  return [...assigned, ...added].flatMap((column) => {
    const sources = sourcesOf(column.value, { frame: column.frame, code });
    return sources !== undefined && sources.size > 0 ? [{ ...column, sources: [...sources] }] : [];
  });
}

type Place = { frame: string; code: AuditedCode };

/** The columns of a table that an expression is computed of; undefined where anything else is in it. */
function sourcesOf(node: PythonNode, place: Place): ReadonlySet<string> | undefined {
  const column = columnOfTable(node, place.frame);
  if (column !== undefined) {
    return new Set([column]);
  }
  const call = node.type === "call" ? readCall(node) : undefined;
  const operands = call ? operandsOf(call, place.code) : partsOf(node);
  const parts = operands?.map((operand) => sourcesOf(operand, place));
  return parts?.every((part) => part !== undefined) ? new Set(parts.flatMap((part) => [...part])) : undefined;
}

/** What a call computes of, value by value; undefined where it does something else. */
function operandsOf(call: PythonCall, code: AuditedCode): readonly PythonNode[] | undefined {
  const { method, positional } = call;
  const owner = ownerOf(call);
  const [first] = positional;
  if (call.hasSplat) {
    return undefined;
  }
  if (method === "fit_transform" && first && ENCODER.test(classOf(owner, code) ?? "")) {
    return [first];
  }
  const hasRule = positional.length === 1 && /^(?:dictionary|lambda)$/.test(first?.type ?? "");
  if (RULED.test(method) && hasRule && owner && owner.type !== "identifier") {
    return [owner];
  }
  if (!ELEMENTWISE.test(method)) {
    return undefined;
  }
  const isMethod = owner !== undefined && owner.type !== "identifier";
  return [...(isMethod ? [owner] : []), ...positional.filter(({ type }) => type !== "identifier")];
}

/** What an expression is put together of; undefined where that is no arithmetic. */
function partsOf(node: PythonNode): readonly PythonNode[] | undefined {
  if (node.type === "string") {
    return [];
  }
  const categories = codedColumn(node);
  if (categories) {
    return [categories];
  }
  return PARTS.has(node.type) ? node.namedChildren : undefined;
}

/** `column` of `column.cat.codes`. */
function codedColumn(node: PythonNode): PythonNode | undefined {
  const accessor = node.type === "attribute" ? node.childForFieldName("object") : undefined;
  return accessor?.type === "attribute" && node.text.endsWith(".cat.codes")
    ? (accessor.childForFieldName("object") ?? undefined)
    : undefined;
}

/** `price` of `df["price"]` and of `df.price`. */
function columnOfTable(node: PythonNode, frame: string): string | undefined {
  if (node.type === "subscript" && node.childForFieldName("value")?.text === frame) {
    return stringOf(node.childForFieldName("subscript"));
  }
  return node.type === "attribute" && node.childForFieldName("object")?.text === frame
    ? node.childForFieldName("attribute")?.text
    : undefined;
}

/** A table and those that it was made of with all their columns: `train` and `df` of `train, test = train_test_split(df)`. */
export function framesBehind(frame: string, code: AuditedCode): readonly string[] {
  const made = code.scoped.filter(({ method, targets }) => KEEPS_COLUMNS.test(method) && targets.includes(frame));
  return [...new Set([frame, ...made.flatMap(({ node }) => namesIn(node))])];
}

/** Whether any line takes a column of this name out of a table, wherever it stands. */
export function isRemovedSomewhere(name: string, code: AuditedCode): boolean {
  const isNamedIn = (node: PythonNode) => node.descendantsOfType("string").some((text) => stringOf(text) === name);
  return (
    code.calls.some(({ method, node }) => /^(?:drop|pop)$/.test(method) && isNamedIn(node)) ||
    code.root.descendantsOfType("delete_statement").some(isNamedIn)
  );
}
