import { readLiteral } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";

/** A Python value that stands in the source, or the text of an expression that only running the file could evaluate. */
export type PythonValue =
  | string
  | number
  | boolean
  | null
  | { kind: "sequence"; items: readonly PythonValue[] }
  | { kind: "dict"; entries: readonly (readonly [PythonValue, PythonValue])[] }
  | { kind: "expression"; text: string };

/** The values that names stand for at the top of the file. */
export type Constants = ReadonlyMap<string, PythonNode>;

// Deeper and larger expressions exist only in files that were written to break a reader: constants that name each other
// twice each are worth a value of twice the size with every line.
const MAX_DEPTH = 40;
const MAX_NODES = 20_000;

/** What an expression is worth without running anything: literals, containers, arithmetic on them and named constants. */
export function evaluate(node: PythonNode, constants: Constants): PythonValue {
  return new Evaluation(constants).evaluate(node, 0);
}

class Evaluation {
  readonly #constants: Constants;
  #nodes = 0;

  constructor(constants: Constants) {
    this.#constants = constants;
  }

  evaluate(node: PythonNode, depth: number): PythonValue {
    const unknown = (): PythonValue => ({ kind: "expression", text: node.text });
    this.#nodes += 1;
    if (depth > MAX_DEPTH || this.#nodes > MAX_NODES) {
      return unknown();
    }
    const inner = (child: PythonNode) => this.evaluate(child, depth + 1);
    switch (node.type) {
      case "list":
      case "tuple":
      case "set": {
        const items = contentOf(node);
        return items.some(({ type }) => type.endsWith("splat"))
          ? unknown()
          : { kind: "sequence", items: items.map(inner) };
      }
      case "dictionary":
        return dictionary(node, inner) ?? unknown();
      case "identifier": {
        const constant = this.#constants.get(node.text);
        return constant === undefined ? unknown() : inner(constant);
      }
      case "parenthesized_expression":
        return node.firstNamedChild ? inner(node.firstNamedChild) : unknown();
      case "unary_operator":
      case "binary_operator":
        return arithmetic(node, inner) ?? unknown();
      default: {
        const literal = readLiteral(node);
        if (!literal || literal.kind === "sequence") {
          return unknown();
        }
        return literal.kind === "none" ? null : literal.value;
      }
    }
  }
}

function dictionary(node: PythonNode, inner: (child: PythonNode) => PythonValue): PythonValue | undefined {
  const pairs = contentOf(node).map((pair) => [pair.childForFieldName("key"), pair.childForFieldName("value")]);
  return pairs.every((pair): pair is [PythonNode, PythonNode] => pair[0] !== null && pair[1] !== null)
    ? { kind: "dict", entries: pairs.map(([key, value]) => [inner(key), inner(value)] as const) }
    : undefined;
}

/** The children of a node that are code. */
export function contentOf(node: PythonNode): PythonNode[] {
  return node.namedChildren.filter(({ type }) => type !== "comment" && type !== "line_continuation");
}

function arithmetic(node: PythonNode, inner: (child: PythonNode) => PythonValue): PythonValue | undefined {
  const operator = node.childForFieldName("operator")?.text ?? node.child(0)?.text ?? "";
  const argument = node.childForFieldName("argument");
  if (argument) {
    const value = inner(argument);
    return typeof value === "number" && operator !== "~" ? (operator === "-" ? -value : value) : undefined;
  }
  const [leftNode, rightNode] = [node.childForFieldName("left"), node.childForFieldName("right")];
  const [left, right] = [leftNode && inner(leftNode), rightNode && inner(rightNode)];
  if (typeof left === "string" && typeof right === "string") {
    return operator === "+" ? left + right : undefined;
  }
  return typeof left === "number" && typeof right === "number" ? calculate(left, operator, right) : undefined;
}

function calculate(left: number, operator: string, right: number): number | undefined {
  if (right === 0 && /[/%]/.test(operator)) {
    return undefined;
  }
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "//":
      return Math.floor(left / right);
    case "%":
      // Python's remainder has the sign of the divisor.
      return left - right * Math.floor(left / right);
    case "**":
      return left ** right;
    default:
      return undefined;
  }
}

export type PlainData = string | number | boolean | null | PlainData[] | { [key: string]: PlainData };

/** The value as Metaflow writes it into the JSON of a graph: `None` becomes a text, an unknown value its expression. */
export function plainData(value: PythonValue): PlainData {
  if (value === null) {
    return "None";
  }
  if (typeof value !== "object") {
    return value;
  }
  if (value.kind === "expression") {
    return value.text;
  }
  return value.kind === "sequence"
    ? value.items.map(plainData)
    : Object.fromEntries(value.entries.map(([key, item]) => [keyText(key), plainData(item)]));
}

/** A dictionary key as Python's `json` writes it. */
export function keyText(key: PythonValue): string {
  if (typeof key === "boolean") {
    return key ? "true" : "false";
  }
  if (typeof key === "object") {
    return key === null ? "None" : key.kind === "expression" ? key.text : JSON.stringify(plainData(key));
  }
  return String(key);
}
