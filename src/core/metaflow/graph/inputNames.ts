import type { PythonNode } from "../../base/pythonSyntax.ts";

const BINDERS = [
  "for_statement",
  "for_in_clause",
  "assignment",
  "named_expression",
  "as_pattern_target",
  "lambda_parameters",
  "parameters",
];

/** Calls whose elements are those of their first argument. */
const PASSES_ON = /^(?:list|tuple|sorted|reversed|iter)$/;

/** Calls that give a lambda the elements of their first argument. */
const ASKS_ABOUT = /^(?:min|max|sorted)$/;

/**
 * The names of a join's body that stand for one of its inputs, and for nothing else: `each` of `for each in inputs`.
 * Nothing where the body binds the name of the inputs to something else, as in `inputs = list(inputs)`.
 */
export function inputNames(definition: PythonNode, inputs: string): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  const others = new Set<string>();
  for (const node of definition.childForFieldName("body")?.descendantsOfType(BINDERS) ?? []) {
    const name = elementName(node, inputs);
    const bound = namesBoundBy(node);
    bound.filter((each) => each !== name).forEach((each) => others.add(each));
    if (name !== undefined) {
      found.add(name);
    }
  }
  return others.has(inputs) ? undefined : new Set([...found].filter((name) => !others.has(name)));
}

function namesBoundBy(node: PythonNode): string[] {
  const target = node.childForFieldName("left") ?? node.childForFieldName("name") ?? node;
  if (target.type === "attribute" || target.type === "subscript") {
    return [];
  }
  return target.type === "identifier" ? [target.text] : target.descendantsOfType("identifier").map(({ text }) => text);
}

/** The name that a loop, or a lambda, gives to one element of `inputs`. */
function elementName(node: PythonNode, inputs: string): string | undefined {
  if (node.type === "lambda_parameters") {
    const call = node.parent?.parent?.parent?.parent;
    const isAsked = call?.type === "call" && ASKS_ABOUT.test(calleeOf(call)) && isElements(firstArgument(call), inputs);
    return isAsked && node.namedChildCount === 1 ? node.firstNamedChild?.text : undefined;
  }
  const [left, right] = [node.childForFieldName("left"), node.childForFieldName("right")];
  if (!node.type.startsWith("for_") || !left || !right) {
    return undefined;
  }
  if (right.type === "call" && calleeOf(right) === "enumerate") {
    return left.namedChildCount === 2 && isElements(firstArgument(right), inputs)
      ? left.namedChild(1)?.text
      : undefined;
  }
  return left.type === "identifier" && isElements(right, inputs) ? left.text : undefined;
}

function isElements(node: PythonNode | null | undefined, inputs: string): boolean {
  return node?.type === "call"
    ? PASSES_ON.test(calleeOf(node)) && isElements(firstArgument(node), inputs)
    : node?.text === inputs;
}

function calleeOf(call: PythonNode): string {
  return call.childForFieldName("function")?.text ?? "";
}

function firstArgument(call: PythonNode): PythonNode | null | undefined {
  return call.childForFieldName("arguments")?.firstNamedChild;
}
