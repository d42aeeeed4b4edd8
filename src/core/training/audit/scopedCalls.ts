import { dottedName, type PythonCall, type PythonNode } from "../../base/pythonSyntax.ts";
import type { ParsedScript } from "../parsedScript.ts";

/** A call with the statement it stands in. */
export type ScopedCall = PythonCall & {
  /** The function around it, or the file: names mean the same within one scope. */
  scopeId: number;
  /** Names that its statement assigns: `a`, `b` of `a, b = f(x)`. */
  targets: readonly string[];
  /** Where it begins and ends in the text; asking the node each time is what makes a long file slow. */
  start: number;
  end: number;
};

export type Assignment = {
  scopeId: number;
  line: number;
  start: number;
  targets: readonly string[];
  value: PythonNode;
};

/** What the rules of an audit look at: calls and assignments in the order of the text, each with its scope. */
export type AuditedCode = ParsedScript & {
  scoped: readonly ScopedCall[];
  assignments: readonly Assignment[];
  /** What gives a name its values: the assignments, and each `rows.append(value)`, in the order of the text. */
  gains: readonly Assignment[];
};

export function auditedCode(parsed: ParsedScript): AuditedCode {
  const assignments = parsed.root.descendantsOfType("assignment").flatMap((node): Assignment[] => {
    const value = node.childForFieldName("right");
    return value
      ? [
          {
            scopeId: scopeIdOf(node),
            line: node.startPosition.row,
            start: node.startIndex,
            targets: namesIn(node.childForFieldName("left")),
            value,
          },
        ]
      : [];
  });
  const byValue = new Map(assignments.map((assignment) => [assignment.value.id, assignment.targets]));
  const scoped = parsed.calls.map((call) => ({
    ...call,
    scopeId: scopeIdOf(call.node),
    targets: byValue.get(call.node.id) ?? [],
    start: call.node.startIndex,
    end: call.node.endIndex,
  }));
  const gains = [...assignments, ...scoped.flatMap(appended)].toSorted((a, b) => a.start - b.start);
  return { ...parsed, assignments, scoped, gains };
}

/** `rows.append(value)`: the rows hold what they held, and the value. */
function appended({ node, method, scopeId, line, start }: ScopedCall): Assignment[] {
  const owner = /^(?:append|extend)$/.test(method) ? ownerOf({ node }) : undefined;
  return owner?.type === "identifier" ? [{ scopeId, line, start, targets: [owner.text], value: node }] : [];
}

/** The names in an expression, each once: `X`, `y` of `f(X[rows], self.y)`. */
export function namesIn(node: PythonNode | null | undefined): string[] {
  return [...new Set((node ? identifiersIn(node) : []).map(({ text }) => text))];
}

/** The places of the names in an expression. */
export function identifiersIn(node: PythonNode): PythonNode[] {
  const names = node.type === "identifier" ? [node] : node.descendantsOfType("identifier");
  return names.filter((each) => each.text !== "self" && !isNameOfPart(each));
}

/** The object a method is called on: `scaler` of `scaler.fit(X)`. */
export function ownerOf({ node }: Pick<PythonCall, "node">): PythonNode | undefined {
  const callee = node.childForFieldName("function");
  return (callee?.type === "attribute" ? callee.childForFieldName("object") : undefined) ?? undefined;
}

/** The classes a name was made from in its scope or at the top of the file: `StandardScaler` for `scaler`. */
export function classOf(node: PythonNode | undefined, code: AuditedCode): string | undefined {
  if (node?.type === "call") {
    return dottedName(node.childForFieldName("function"))?.split(".").at(-1);
  }
  const name = dottedName(node);
  const made = code.scoped.findLast((call) => name !== undefined && call.targets.includes(name));
  return made?.method;
}

/** `attribute` of `object.attribute` and `name` of `name=value` are no names of values; `X` of `self.X` is. */
function isNameOfPart(node: PythonNode): boolean {
  const { parent } = node;
  if (parent?.childForFieldName("object")?.text === "self") {
    return false;
  }
  const part =
    parent?.type === "attribute"
      ? parent.childForFieldName("attribute")
      : parent?.type === "keyword_argument"
        ? parent.childForFieldName("name")
        : null;
  return part?.id === node.id;
}

/** What a name holds at a place: its only value in the function around it, or else at the top of the file. */
export function soleValueOf(name: string, place: PythonNode, code: AuditedCode): PythonNode | undefined {
  const scope = scopeOf(place);
  if (namesIn(scope.childForFieldName("parameters")).includes(name)) {
    return undefined;
  }
  const given = code.assignments.filter(({ targets }) => targets.includes(name));
  const local = given.filter(({ scopeId }) => scopeId === scope.id);
  const [only, ...others] = local.length > 0 ? local : given.filter(({ scopeId }) => scopeId === code.root.id);
  const isChanged = code.root
    .descendantsOfType(["for_statement", "augmented_assignment"])
    .some((node) => namesIn(node.childForFieldName("left")).includes(name));
  return others.length > 0 || isChanged || only?.targets.length !== 1 ? undefined : only.value;
}

/** The function around a node, or the file. */
export function scopeOf(node: PythonNode): PythonNode {
  let scope = node.parent ?? node;
  while (scope.type !== "function_definition" && scope.parent) {
    scope = scope.parent;
  }
  return scope;
}

function scopeIdOf(node: PythonNode): number {
  return scopeOf(node).id;
}
