import { readConstant } from "../../base/pythonLiteral.ts";
import { type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type AuditedCode, ownerOf, scopeOf, soleValueOf } from "./scopedCalls.ts";

/** Columns that an expression names: exactly these, or all of a table but these. */
export type ColumnSet = { kind: "only" | "all-but"; names: readonly string[] };

/** Names that lead to names; more is a circle. */
const MAX_DEPTH = 12;

/** `place`: where the columns are used, which says what a name means. */
type Table = { frame: string; place: PythonNode; code: AuditedCode };

/** What a list of columns of a table holds, as far as the text tells; undefined where only running it could. */
export function columnSetOf(node: PythonNode | undefined, table: Table, depth = 0): ColumnSet | undefined {
  if (node === undefined || depth > MAX_DEPTH) {
    return undefined;
  }
  const written = writtenColumns(node, table.code);
  if (written !== undefined) {
    return { kind: "only", names: written };
  }
  const next = (inner: PythonNode | undefined) => columnSetOf(inner, table, depth + 1);
  switch (node.type) {
    case "identifier":
      return node.text === table.frame
        ? { kind: "all-but", names: [] }
        : isChangedInPlace(node.text, table)
          ? undefined
          : namedColumns(node.text, table, depth);
    case "attribute":
      return node.text === `${table.frame}.columns` || node.text === `${table.frame}.columns.values`
        ? { kind: "all-but", names: [] }
        : undefined;
    case "list_comprehension":
      return chosenColumns(node, table, next);
    case "call":
      return calledColumns(node, table, next);
    default:
      return undefined;
  }
}

/** What a name was given last before its use, where nothing decides whether it was. */
function namedColumns(name: string, table: Table, depth: number): ColumnSet | undefined {
  const { code, place } = table;
  const scope = scopeOf(place);
  const given = code.assignments.filter(
    ({ scopeId, targets, value }) =>
      scopeId === scope.id && targets.includes(name) && value.endIndex <= place.startIndex,
  );
  const last = given.at(-1);
  const isPlain = given.every(({ targets, value }) => targets.length === 1 && isStatementOf(scope, value));
  const value = last === undefined ? soleValueOf(name, place, code) : isPlain ? last.value : undefined;
  return value && columnSetOf(value, { ...table, place: value }, depth + 1);
}

/** Whether an assigned value stands directly in a function or at the top of the file, under no condition. */
function isStatementOf(scope: PythonNode, value: PythonNode): boolean {
  const around = value.parent?.parent?.parent;
  return around?.id === scope.id || (around?.type === "block" && around.parent?.id === scope.id);
}

/** The names of a list, or a name alone, that is written out. */
export function writtenColumns(node: PythonNode | undefined, code: AuditedCode): readonly string[] | undefined {
  const literal = readConstant(node, code.constants);
  const items = literal?.kind === "sequence" ? literal.items : literal ? [literal] : [];
  const names = items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
  return names.length > 0 && names.length === items.length ? names : undefined;
}

type Next = (inner: PythonNode | undefined) => ColumnSet | undefined;

/** `[c for c in df.columns if c != "id"]`; any other condition could mean anything. */
function chosenColumns(node: PythonNode, { code }: Table, next: Next): ColumnSet | undefined {
  const clauses = node.namedChildren.filter(({ type }) => type === "for_in_clause");
  const [clause] = clauses;
  const variable = clause?.childForFieldName("left")?.text;
  if (clauses.length !== 1 || variable === undefined || node.childForFieldName("body")?.text !== variable) {
    return undefined;
  }
  const base = next(clause?.childForFieldName("right") ?? undefined);
  const conditions = node.namedChildren
    .filter(({ type }) => type === "if_clause")
    .map(({ firstNamedChild }) => firstNamedChild);
  const excluded = conditions.map((condition) => excludedBy(condition, variable, code));
  return base && excluded.every((names) => names !== undefined) ? without(base, excluded.flat()) : undefined;
}

/** The names that `c != "id"`, `c not in ["id"]`, and several of these with `and` leave out. */
function excludedBy(condition: PythonNode | null, variable: string, code: AuditedCode): readonly string[] | undefined {
  if (condition?.type === "parenthesized_expression") {
    return excludedBy(condition.firstNamedChild, variable, code);
  }
  const [left, right] = condition?.namedChildren ?? [];
  if (condition?.type === "boolean_operator" && condition.childForFieldName("operator")?.text === "and") {
    const sides = [left, right].map((side) => excludedBy(side ?? null, variable, code));
    return sides.every((names) => names !== undefined) ? sides.flat() : undefined;
  }
  const operator = condition?.text.slice(left?.text.length, -(right?.text.length ?? 0)).trim();
  const isExclusion = condition?.type === "comparison_operator" && left?.text === variable;
  return isExclusion && /^(?:!=|not\s+in)$/.test(operator ?? "") ? namesOf(right, code) : undefined;
}

/** Written out, through a name too, and with a name for one of them: `["id", TARGET]`. */
function namesOf(node: PythonNode | undefined, code: AuditedCode): readonly string[] | undefined {
  if (node?.type === "identifier") {
    return namesOf(soleValueOf(node.text, node, code), code);
  }
  const items = /^(?:list|tuple|set)$/.test(node?.type ?? "") ? (node?.namedChildren ?? []) : undefined;
  const names = items?.map((item) => namesOf(item, code));
  return names ? (names.every((each) => each !== undefined) ? names.flat() : undefined) : writtenColumns(node, code);
}

/** `list(df)`, `df.columns.tolist()`, `df.columns.drop("id")`, `df.columns.difference(["id"])`. */
function calledColumns(node: PythonNode, { code }: Table, next: Next): ColumnSet | undefined {
  const call = readCall(node);
  const [first] = call?.positional ?? [];
  if (!call || call.positional.length > 1 || call.hasSplat) {
    return undefined;
  }
  if (/^(?:list|sorted|set)$/.test(call.callee)) {
    return next(first);
  }
  const base = next(ownerOf(call));
  if (/^(?:tolist|to_list|keys|copy)$/.test(call.method)) {
    return base;
  }
  const names = /^(?:drop|difference)$/.test(call.method) ? namesOf(first, code) : undefined;
  return base && names ? without(base, names) : undefined;
}

function without({ kind, names }: ColumnSet, excluded: readonly string[]): ColumnSet {
  return kind === "all-but"
    ? { kind, names: [...names, ...excluded] }
    : { kind, names: names.filter((name) => !excluded.includes(name)) };
}

/** `features.remove("price")`, `del features[0]`, `features += […]`. */
function isChangedInPlace(name: string, { code }: Table): boolean {
  return (
    code.calls.some(({ callee }) =>
      new RegExp(`^${name}\\.(?:remove|pop|append|extend|insert|clear|discard|add|update)$`).test(callee),
    ) ||
    code.root.descendantsOfType("delete_statement").some(({ text }) => text.startsWith(`del ${name}[`)) ||
    code.root
      .descendantsOfType("assignment")
      .some((each) => each.childForFieldName("left")?.text.startsWith(`${name}[`) === true)
  );
}
