import type { PythonNode, PythonParser } from "../../base/pythonSyntax.ts";
import type { ChangedFile, ChangeFinding } from "./changedFile.ts";

/** McCabe's own limit: from ten paths on, a function is hard to test. */
const MAX_COMPLEXITY = 10;

/** Every one adds a path through the function (McCabe 1976): a branch, a loop, a handler, a boolean operator. */
const BRANCHES = new Set([
  "if_statement",
  "elif_clause",
  "for_statement",
  "while_statement",
  "except_clause",
  "case_clause",
  "conditional_expression",
  "boolean_operator",
  "for_in_clause",
  "if_clause",
  "assert_statement",
]);

type FunctionComplexity = { name: string; line: number; complexity: number };

/** McCabe's number of each function of a parsed Python file; a function inside another counts for itself. */
function measureComplexity(root: PythonNode): FunctionComplexity[] {
  return root.descendantsOfType("function_definition").map((node) => ({
    name: qualifiedName(node),
    line: node.startPosition.row,
    complexity: 1 + countBranches(node),
  }));
}

function countBranches(definition: PythonNode): number {
  let count = 0;
  const waiting = [...definition.children];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type !== "function_definition" && node.type !== "class_definition") {
      count += BRANCHES.has(node.type) ? 1 : 0;
      waiting.push(...node.children);
    }
  }
  return count;
}

function qualifiedName(definition: PythonNode): string {
  const names: string[] = [];
  for (let node: PythonNode | null = definition; node !== null; node = node.parent) {
    if (node.type === "function_definition" || node.type === "class_definition") {
      names.unshift(node.childForFieldName("name")?.text ?? "?");
    }
  }
  return names.join(".");
}

/** Functions of Python files that reach ten paths and have more than before the change. */
export function findGrowingComplexity(file: ChangedFile, parser: PythonParser): ChangeFinding[] {
  if (!file.path.endsWith(".py")) {
    return [];
  }
  const measure = (source: string) => parser.read(source, measureComplexity);
  const before = new Map(measure(file.before).map(({ name, complexity }) => [name, complexity]));
  return measure(file.after).flatMap(({ name, line, complexity }) => {
    const old = before.get(name) ?? 0;
    if (complexity < MAX_COMPLEXITY || complexity <= old) {
      return [];
    }
    const grown = old === 0 ? "has" : `grew from ${old} to`;
    const message = `${name} ${grown} ${complexity} paths; fewer than ${MAX_COMPLEXITY} stay testable. Move a part with a name of its own into a function.`;
    return [{ rule: "growing-complexity" as const, path: file.path, line, message }];
  });
}
