import { stringOf } from "../../base/pythonLiteral.ts";
import { type PythonNode } from "../../base/pythonSyntax.ts";
import { contentOf, evaluate, type PythonValue } from "./pythonValue.ts";
import { rangeOf } from "./sourceRange.ts";
import type { NextArgument, Tail, TargetSource, Transition } from "./tail.ts";

const NONE: Tail = { kind: "none" };
const NO_CONSTANTS: ReadonlyMap<string, PythonNode> = new Map();

/**
 * The transition that the last statement of a step makes. Metaflow looks at nothing else: not into an `if`, a `with` or
 * a `try`, and not at statements before. `hasArguments` reads the arguments as they are written, too.
 */
export function readTail(statements: readonly PythonNode[], hasArguments: boolean): Tail {
  const statement = statements.at(-1);
  const expression = statement?.type === "expression_statement" ? contentOf(statement) : [];
  const call = withoutParentheses(expression[0]);
  // `a, b` is a tuple, whose parts are children of the statement.
  if (!statement || expression.length !== 1 || !call || !isNextCall(call)) {
    return NONE;
  }
  const { targets, transition } = readTransition(call);
  return {
    kind: "next",
    range: rangeOf(statement),
    transition,
    targets,
    arguments: hasArguments ? nextArguments(call) : [],
  };
}

/** Whether a node is a call of `self.next`, literally. */
export function isNextCall(node: PythonNode): boolean {
  const callee = node.type === "call" ? withoutParentheses(node.childForFieldName("function")) : undefined;
  return (
    callee?.type === "attribute" &&
    callee.childForFieldName("attribute")?.text === "next" &&
    withoutParentheses(callee.childForFieldName("object"))?.text === "self"
  );
}

function readTransition(call: PythonNode): { targets: readonly TargetSource[]; transition: Transition } {
  const invalid = { targets: [], transition: invalidTransition() };
  const list = call.childForFieldName("arguments");
  if (list?.type !== "argument_list") {
    return invalid;
  }
  const written = contentOf(list);
  const positional = written.filter(({ type }) => type !== "keyword_argument" && type !== "dictionary_splat");
  const keywords = written.filter(({ type }) => type === "keyword_argument" || type === "dictionary_splat");
  const names = keywords.map((keyword) => keyword.childForFieldName("name")?.text ?? "**");
  const only = withoutParentheses(positional[0]);
  if (positional.length === 1 && only?.type === "dictionary" && names.includes("condition")) {
    return readSwitch(only, keywords[names.indexOf("condition")]) ?? invalid;
  }
  const targets = positional.map(readTarget);
  if (!targets.every((target) => target !== undefined)) {
    return invalid;
  }
  return { targets, transition: plainTransition(targets.length, names, keywords) };
}

function plainTransition(count: number, names: readonly string[], keywords: readonly PythonNode[]): Transition {
  const [keyword] = keywords;
  if (keyword === undefined) {
    return count === 0 ? invalidTransition() : { kind: count === 1 ? "linear" : "split" };
  }
  const isParallel = names[0] === "num_parallel";
  const isForeach = names.length === 1 && (names[0] === "foreach" || isParallel);
  if (!isForeach || count !== 1) {
    return { kind: "invalid", isForeach, isParallel: isForeach && isParallel };
  }
  const parameter = constantOf(keyword.childForFieldName("value"));
  return { kind: isParallel ? "parallel" : "foreach", parameter };
}

/** Any attribute counts as a step's name, whatever it is an attribute of. */
function readTarget(node: PythonNode): TargetSource | undefined {
  const name = withoutParentheses(node)?.childForFieldName("attribute");
  return withoutParentheses(node)?.type === "attribute" && name ? { name: name.text, range: rangeOf(name) } : undefined;
}

function readSwitch(
  dictionary: PythonNode,
  keyword: PythonNode | undefined,
): { targets: TargetSource[]; transition: Transition } | undefined {
  const condition = constantOf(keyword?.childForFieldName("value"));
  // Equal keys collapse as in Python, where 1, 1.0 and True are equal: the first key stays, the last value wins.
  const cases = new Map<string, { key: PythonValue; target: TargetSource }>();
  for (const pair of contentOf(dictionary)) {
    const key = caseKey(withoutParentheses(pair.childForFieldName("key")));
    const value = withoutParentheses(pair.childForFieldName("value"));
    const owner = value?.type === "attribute" ? withoutParentheses(value.childForFieldName("object")) : undefined;
    const name = value?.childForFieldName("attribute");
    if (key === undefined || owner?.type !== "identifier" || owner.text !== "self" || !name) {
      return undefined;
    }
    const identity = typeof key === "string" ? `"${key}` : String(Number(key));
    const target = { name: name.text, range: rangeOf(name) };
    cases.set(identity, { key: cases.get(identity)?.key ?? key, target });
  }
  if (typeof condition !== "string" || condition === "" || cases.size === 0) {
    return undefined;
  }
  const all = [...cases.values()];
  return {
    targets: all.map(({ target }) => target),
    transition: { kind: "switch", condition, cases: all.map(({ key, target }) => [key, target.name]) },
  };
}

/** A literal, or `self.<config>.<key>`. A negative number is an expression to Metaflow. */
function caseKey(node: PythonNode | undefined): string | number | boolean | undefined {
  if (node?.type === "attribute") {
    const owner = withoutParentheses(node.childForFieldName("object"));
    const self = owner?.type === "attribute" ? withoutParentheses(owner.childForFieldName("object")) : undefined;
    return self?.type === "identifier" && self.text === "self"
      ? `config:${owner?.childForFieldName("attribute")?.text}.${node.childForFieldName("attribute")?.text}`
      : undefined;
  }
  if (node?.type === "string" && /^[rR]?[bB]/.test(node.text)) {
    return node.text;
  }
  const key = constantOf(node);
  return key === null || typeof key === "object" ? undefined : key;
}

/** The value of a literal, and `null` for anything else, as Metaflow takes it. */
function constantOf(node: PythonNode | null | undefined): PythonValue {
  const bare = withoutParentheses(node);
  if (!bare || (bare.type.endsWith("string") && isFormatted(bare))) {
    return null;
  }
  if (bare.type === "concatenated_string") {
    return stringOf(bare) ?? null;
  }
  return /^(string|integer|float|true|false)$/.test(bare.type) ? knownValue(evaluate(bare, NO_CONSTANTS)) : null;
}

/** Also without a field in it, an f-string is no literal to Python. */
export function isFormatted(node: PythonNode): boolean {
  return node.type === "concatenated_string" ? node.namedChildren.some(isFormatted) : /^[rR]?[fFtT]/.test(node.text);
}

function knownValue(value: PythonValue): PythonValue {
  return typeof value === "object" ? null : value;
}

function nextArguments(call: PythonNode): NextArgument[] {
  const list = call.childForFieldName("arguments");
  return (list ? contentOf(list) : []).map((argument): NextArgument => {
    const name = argument.type === "keyword_argument" ? argument.childForFieldName("name") : undefined;
    const value = (name ? argument.childForFieldName("value") : undefined) ?? argument;
    return {
      ...(name ? { keyword: name.text, keywordRange: rangeOf(name) } : {}),
      text: value.text,
      type: value.type,
      range: rangeOf(value),
    };
  });
}

/** Python's own tree has no parentheses. */
function withoutParentheses(node: PythonNode | null | undefined): PythonNode | undefined {
  let bare = node ?? undefined;
  while (bare?.type === "parenthesized_expression") {
    bare = contentOf(bare)[0];
  }
  return bare;
}

function invalidTransition(): Transition {
  return { kind: "invalid", isForeach: false, isParallel: false };
}
