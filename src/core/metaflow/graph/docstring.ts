import { stringOf } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import { contentOf } from "./pythonValue.ts";
import { isFormatted } from "./readTail.ts";

/** The docstring at the beginning of a class or function body with its indentation taken off, empty where there is none. */
export function docstringOf(statements: readonly PythonNode[]): string {
  const [first] = statements;
  const content = first?.type === "expression_statement" ? contentOf(first) : [];
  const [node] = content;
  const isText = content.length === 1 && node !== undefined && /^(concatenated_)?string$/.test(node.type);
  return isText && !isFormatted(node) ? deindent(stringOf(node) ?? "") : "";
}

/**
 * Takes off the indentation of the first line that has one, of the first two lines with text; the rule of
 * Metaflow's graph.py, which differs from `inspect.cleandoc`.
 */
function deindent(doc: string): string {
  const filled = doc.split(/\r\n|[\r\n]/).filter((line) => line !== "");
  const indent = filled
    .slice(0, 2)
    .map((line) => /^[\t ]+/.exec(line)?.[0])
    .find((found) => found !== undefined);
  return indent === undefined ? doc : doc.replaceAll(`\n${indent}`, "\n").trim();
}
