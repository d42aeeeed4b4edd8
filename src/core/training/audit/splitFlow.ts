import type { PythonNode } from "../../base/pythonSyntax.ts";
import { EVALUATING_SPLIT, SPLITTERS } from "./dataUse.ts";
import {
  type Assignment,
  type AuditedCode,
  classOf,
  namesIn,
  ownerOf,
  type ScopedCall,
  scopeOf,
} from "./scopedCalls.ts";
import { splitPartOf } from "./testParts.ts";

/** A pipeline fits its parts inside each fold, which is how it should be done. */
function splitsAfter(code: AuditedCode, scopeId: number, start: number): ScopedCall[] {
  return code.scoped.filter((call) => {
    const { method, node, scopeId: scope } = call;
    return (
      scope === scopeId &&
      node.startIndex >= start &&
      (SPLITTERS.has(method) || EVALUATING_SPLIT.test(method) || isFoldSplit(call, code) || isSearch(call, code))
    );
  });
}

/** `cv.split(X)`, and not that of a text. */
function isFoldSplit(call: ScopedCall, code: AuditedCode): boolean {
  const owner = call.method === "split" ? ownerOf(call) : undefined;
  return (
    owner !== undefined && (SPLITTERS.has(classOf(owner, code) ?? "") || /(?:cv|folds?|splitter|kf)$/i.test(owner.text))
  );
}

/** `GridSearchCV(model, grid).fit(X, y)` splits by itself. */
export function isSearch(call: ScopedCall, code: AuditedCode): boolean {
  return call.method === "fit" && (classOf(ownerOf(call), code) ?? "").endsWith("SearchCV");
}

/** The names that hold what `names` held at `start`, or what was made of them before `end`. */
export function derivedNames(
  code: AuditedCode,
  names: readonly string[],
  span: { scopeId: number; start: number; end: number },
): Set<string> {
  const derived = new Set(names);
  for (const { scopeId, start, targets, value } of code.gains) {
    if (scopeId === span.scopeId && start > span.start && start < span.end) {
      const isDerived = namesIn(value).some((name) => derived.has(name));
      // A name that gets other rows, or another model, does not hold these any more.
      targets.forEach((target) => (isDerived ? derived.add(target) : derived.delete(target)));
    }
  }
  return derived;
}

/** The first split after a place that divides what was looked at there. */
export function splitOf(code: AuditedCode, names: readonly string[], from: { scopeId: number; start: number }) {
  return splitsAfter(code, from.scopeId, from.start).find((split) => {
    const derived = derivedNames(code, names, { ...from, end: split.node.startIndex });
    return [...split.positional, ...split.keywords.values()].some((argument) =>
      namesIn(argument).some((name) => derived.has(name)),
    );
  });
}

/**
 * The split of rows that a function of this file returns, where its caller divides them: `names` hold them from `start` on.
 * Rows of which the caller knows that they are one part are left alone.
 */
export function splitOfReturned(
  code: AuditedCode,
  names: readonly string[],
  { node, scopeId, start, end }: ScopedCall,
): ScopedCall | undefined {
  const definition = scopeOf(node);
  if (definition.type !== "function_definition") {
    return undefined;
  }
  const isReturned = definition.descendantsOfType("return_statement").some((each) => {
    const derived = derivedNames(code, names, { scopeId, start, end: each.startIndex });
    const isWithin = start >= each.startIndex && end <= each.endIndex;
    return isWithin || namesIn(each).some((name) => derived.has(name));
  });
  const callers = isReturned ? callsOf(definition, code) : [];
  return callers
    .filter((call) => ![...call.positional, ...call.keywords.values()].some((each) => isPart(each, call, code)))
    .map((call) => splitOf(code, assignmentAround(call, code)?.targets ?? [], call))
    .find((split) => split !== undefined);
}

function isPart(argument: PythonNode, call: ScopedCall, code: AuditedCode): boolean {
  return namesIn(argument).some(
    (name) => /train|test|val(?:id|_|$)/i.test(name) || splitPartOf(name, call, code) !== undefined,
  );
}

/** Where a function of this file is called. */
export function callsOf(definition: PythonNode, { scoped }: AuditedCode): ScopedCall[] {
  const name = definition.childForFieldName("name")?.text;
  return scoped.filter(({ method, scopeId }) => method === name && scopeId !== definition.id);
}

/** What the statement around a call assigns, where it does. */
export function assignmentAround({ start, end, scopeId }: ScopedCall, code: AuditedCode): Assignment | undefined {
  return code.assignments.find(
    (each) => each.scopeId === scopeId && each.value.startIndex <= start && each.value.endIndex >= end,
  );
}

export function statementOf(node: PythonNode): PythonNode {
  let statement = node;
  while (statement.parent && statement.parent.type !== "block" && statement.parent.type !== "module") {
    statement = statement.parent;
  }
  return statement;
}
