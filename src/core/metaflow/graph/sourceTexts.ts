import type { TextRange } from "../../base/problems.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import { evaluate } from "./pythonValue.ts";
import { rangeOf } from "./sourceRange.ts";

/** A plain string of a file; docstrings are among them. */
export type SourceText = {
  value: string;
  range: TextRange;
  /** What the string is given to, as it is written: `password`, `os.environ["TOKEN"]`. */
  target?: string;
};

/** Every plain string of a file, wherever it stands, in the order of the file. */
export function readSourceTexts(root: PythonNode): SourceText[] {
  return root.descendantsOfType("string").flatMap((node) => {
    const value = evaluate(node, new Map());
    const target = targetOf(node);
    return typeof value === "string" ? [{ value, range: rangeOf(node), ...(target && { target }) }] : [];
  });
}

const TARGET_FIELDS: Readonly<Record<string, readonly [target: string, value: string]>> = {
  assignment: ["left", "right"],
  keyword_argument: ["name", "value"],
  default_parameter: ["name", "value"],
  typed_default_parameter: ["name", "value"],
  pair: ["key", "value"],
};

function targetOf(node: PythonNode): string | undefined {
  const [target, value] = TARGET_FIELDS[node.parent?.type ?? ""] ?? [];
  const isValue = value !== undefined && node.parent?.childForFieldName(value)?.id === node.id;
  return isValue && target !== undefined ? node.parent?.childForFieldName(target)?.text : undefined;
}
