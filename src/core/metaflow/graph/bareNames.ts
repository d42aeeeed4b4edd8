import type { TextRange } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import { METAFLOW_NAMES } from "./metaflowNames.ts";
import { MODULE_IMPORTS } from "./moduleImports.ts";
import { rangeOf } from "./sourceRange.ts";

/** A name that a method reads and binds nowhere, with the place of its first use. */
export type BareName = { name: string; range: TextRange };

/** Attributes of `self`, and members of a class: `total` of `self.total`, `rate` of `rate = Parameter(…)`, `load` of `def load`. */
const OF_A_FLOW = /\bself\s*\.\s*(\w+)|^(?: {1,4}|\t)(\w+)\s*(?::[^=\n]+)?=(?!=)|^(?: {1,4}|\t)def\s+(\w+)/gm;

/** The names in a file of flows that are worth looking for without their `self.`, those of Metaflow and of modules. */
export function namesOfFlows(text: string): ReadonlySet<string> {
  const found = [...text.matchAll(OF_A_FLOW)].flatMap(([, ...groups]) => groups.filter((name) => name !== undefined));
  const imported = new Set(text.match(/^(?:from|import)\b.*$/gm)?.flatMap(boundOnLine));
  const known = [...METAFLOW_NAMES, ...MODULE_IMPORTS.keys(), "inputs"];
  return new Set([...found, ...known].filter((name) => !imported.has(name)));
}

/** What an import on one line binds: `nn` of `import torch.nn as nn`, `sleep` of `from time import sleep`. */
function boundOnLine(line: string): string[] {
  const list = line.replace(/#.*/, "").replace(/^(?:from\b.*?\bimport\b|import\b)/, "");
  return list.split(",").flatMap((each) => /\bas\s+(\w+)/.exec(each)?.[1] ?? /\w+/.exec(each)?.[0] ?? []);
}

/** Those of `names` that the defaults of a method's arguments read: where the class stands, and when the file is read. */
export function namesInDefaults(definition: PythonNode, names: ReadonlySet<string>): BareName[] {
  const defaults = definition.childForFieldName("parameters")?.namedChildren.flatMap(defaultOf) ?? [];
  return defaults.flatMap((value) => {
    const read = [value, ...value.descendantsOfType("identifier")].filter(
      (node) => node.type === "identifier" && names.has(node.text) && (node.id === value.id || useOf(node) === "read"),
    );
    const hasScope = value.descendantsOfType(["lambda", "for_in_clause", "named_expression"]).length > 0;
    return hasScope ? [] : read.map((node) => ({ name: node.text, range: rangeOf(node) }));
  });
}

function defaultOf(parameter: PythonNode): PythonNode[] {
  const value = parameter.childForFieldName("value");
  return value ? [value] : [];
}

/** Those of `names` that a method reads, each once, and binds in none of its scopes. */
export function bareNames(definition: PythonNode, names: ReadonlySet<string>): BareName[] {
  // Looking at the text is cheaper than looking into the tree.
  const body = definition.childForFieldName("body")?.text ?? "";
  const hasOne = body.match(/(?<![\w.])[A-Za-z_]\w*/g)?.some((word) => names.has(word)) === true;
  if (!hasOne) {
    return [];
  }
  const defaults = definition.childForFieldName("parameters")?.namedChildren.flatMap(defaultOf) ?? [];
  const isInDefault = ({ startIndex }: PythonNode) =>
    defaults.some((value) => startIndex >= value.startIndex && startIndex < value.endIndex);
  const read = new Map<string, PythonNode>();
  const bound = new Set<string>();
  for (const node of definition.descendantsOfType("identifier")) {
    const { text } = node;
    const use = names.has(text) && !bound.has(text) && !isInDefault(node) ? useOf(node) : "none";
    if (use === "other") {
      bound.add(text);
    } else if (use === "read" && !read.has(text)) {
      read.set(text, node);
    }
  }
  return [...read].flatMap(([name, node]) => (bound.has(name) ? [] : [{ name, range: rangeOf(node) }]));
}

/** Where a name can only be read. Every other place may bind it. */
const READS: ReadonlySet<string> = new Set([
  "argument_list",
  "assert_statement",
  "augmented_assignment",
  "await",
  "binary_operator",
  "boolean_operator",
  "call",
  "comparison_operator",
  "conditional_expression",
  "dictionary",
  "dictionary_comprehension",
  "dictionary_splat",
  "elif_clause",
  "expression_statement",
  "generator_expression",
  "if_clause",
  "if_statement",
  "interpolation",
  "list",
  "list_comprehension",
  "list_splat",
  "not_operator",
  "pair",
  "parenthesized_expression",
  "raise_statement",
  "return_statement",
  "set",
  "slice",
  "subscript",
  "tuple",
  "unary_operator",
  "while_statement",
]);

/** Reads on one side and binds on the other, which is the field named here. */
const BINDING_FIELD: Readonly<Record<string, string>> = {
  assignment: "left",
  for_statement: "left",
  for_in_clause: "left",
  named_expression: "name",
  lambda: "parameters",
};

function useOf(node: PythonNode): "read" | "none" | "other" {
  const { parent } = node;
  switch (parent?.type) {
    case "attribute":
      return parent.childForFieldName("attribute")?.id === node.id || isInType(parent) ? "none" : "read";
    case "keyword_argument":
      return parent.childForFieldName("name")?.id === node.id ? "none" : "read";
    case undefined:
      return "other";
    default: {
      const field = BINDING_FIELD[parent?.type ?? ""];
      const isRead =
        field === undefined ? READS.has(parent?.type ?? "") : parent?.childForFieldName(field)?.id !== node.id;
      return isRead ? "read" : "other";
    }
  }
}

/** Python evaluates the type of a local variable never, and others not in every file. */
function isInType(node: PythonNode): boolean {
  for (let at: PythonNode | null = node; at && !/(?:_statement|^block)$/.test(at.type); at = at.parent) {
    if (at.type === "type") {
      return true;
    }
  }
  return false;
}
