import type { PythonNode, PythonParser } from "../../base/pythonSyntax.ts";
import { addedLines, type ChangedFile, type ChangeFinding } from "./changedFile.ts";

type Habit = Pick<ChangeFinding, "rule" | "line" | "message">;

/** Habits in the added lines of a Python file that a reviewer sends back: an exception swallowed, a helper without types, a step without a docstring. */
export function findPythonHabits(file: ChangedFile, parser: PythonParser): ChangeFinding[] {
  if (!file.path.endsWith(".py")) {
    return [];
  }
  const added = new Set(addedLines(file).map(({ line }) => line));
  const habits = parser.read(file.after, (root) => [
    ...root.descendantsOfType("except_clause").flatMap(swallowed),
    ...root.descendantsOfType("function_definition").flatMap((node) => [...untyped(node), ...withoutDocstring(node)]),
  ]);
  return habits.filter(({ line }) => added.has(line)).map((habit) => ({ ...habit, path: file.path }));
}

/** A handler of everything whose body does nothing. One that names its exception and passes has decided something. */
function swallowed(clause: PythonNode): Habit[] {
  const parts = clause.namedChildren.filter((node) => node.type !== "comment");
  const body = parts.at(-1);
  const caught = parts.length > 1 ? (parts[0]?.text ?? "") : "";
  const isBroad = caught === "" || /^(?:Base)?Exception\b/.test(caught);
  const statements = body?.namedChildren.filter((node) => node.type !== "comment") ?? [];
  const isIdle = statements.every(
    (node) => node.type === "pass_statement" || node.type === "continue_statement" || node.text === "...",
  );
  return isBroad && body?.type === "block" && isIdle
    ? [
        {
          rule: "swallowed-exception",
          line: clause.startPosition.row,
          message: "Every error ends here unseen. Catch the one that is expected, and log it with its context.",
        },
      ]
    : [];
}

function untyped(definition: PythonNode): Habit[] {
  if (isStep(definition)) {
    return [];
  }
  const names = (definition.childForFieldName("parameters")?.namedChildren ?? [])
    .filter(({ type }) => type === "identifier" || type === "default_parameter")
    .map((node) => node.childForFieldName("name")?.text ?? node.text)
    .filter((name) => name !== "self" && name !== "cls");
  return names.length === 0
    ? []
    : [
        {
          rule: "untyped-parameter",
          line: definition.startPosition.row,
          message: `${nameOf(definition)} takes ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""} without saying of what type. Annotate the parameters.`,
        },
      ];
}

function withoutDocstring(definition: PythonNode): Habit[] {
  const first = definition.childForFieldName("body")?.namedChildren.find(({ type }) => type !== "comment");
  const hasDocstring = first?.type === "expression_statement" && first.namedChild(0)?.type === "string";
  return !isStep(definition) || hasDocstring
    ? []
    : [
        {
          rule: "step-docstring",
          line: definition.startPosition.row,
          message: `The step ${nameOf(definition)} has no docstring. Say in one sentence what it makes of what.`,
        },
      ];
}

/** Whether Metaflow's `@step` stands above it. */
function isStep(definition: PythonNode): boolean {
  const { parent } = definition;
  return (
    parent?.type === "decorated_definition" &&
    parent.namedChildren.some((node) => node.type === "decorator" && /^@\s*(?:metaflow\.)?step\b/.test(node.text))
  );
}

function nameOf(definition: PythonNode): string {
  return definition.childForFieldName("name")?.text ?? "?";
}
