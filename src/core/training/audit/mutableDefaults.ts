import { callsIn, type PythonNode, type PythonParameter, parametersOf } from "../../base/pythonSyntax.ts";
import type { RuleHit } from "./mlRule.ts";
import type { AuditedCode } from "./scopedCalls.ts";

const CONFIGURATION = /(?:^|_)(?:config|cfg|conf|params|hparams|hyperparameters|options|settings|overrides)$/i;

const MUTABLE = new Set(["list", "dictionary", "set", "list_comprehension", "dictionary_comprehension"]);

const CHANGING = /^(?:append|extend|insert|add|update|pop|popitem|setdefault|remove|clear|sort|reverse)$/;

/**
 * Defaults that one call can change for the next: those that the function changes, keeps or gives away, and configurations,
 * which are made to be changed. A list that is only read does no harm.
 */
export function findMutableDefaults({ root }: AuditedCode): RuleHit[] {
  return root
    .descendantsOfType("function_definition")
    .filter((definition) => !isInFlow(definition))
    .flatMap((definition) => {
      const body = definition.childForFieldName("body");
      return parametersOf(definition).flatMap((parameter): RuleHit[] =>
        body && parameter.default && isMutable(parameter.default) && isAtRisk(parameter, body)
          ? [hitOf(parameter, parameter.default, body)]
          : [],
      );
    });
}

/** The checks of flows say it there. */
function isInFlow(definition: PythonNode): boolean {
  for (let outer = definition.parent; outer; outer = outer.parent) {
    if (outer.type === "class_definition" && /\bFlowSpec\b/.test(outer.childForFieldName("superclasses")?.text ?? "")) {
      return true;
    }
  }
  return false;
}

function isMutable(value: PythonNode): boolean {
  return MUTABLE.has(value.type) || (value.type === "call" && /^(?:list|dict|set)\(/.test(value.text));
}

function isAtRisk({ name }: PythonParameter, body: PythonNode): boolean {
  return CONFIGURATION.test(name) || isChanged(name, body) || isGivenAway(name, body);
}

function isChanged(name: string, body: PythonNode): boolean {
  const isOf = (node: PythonNode | null) => {
    let owner = node;
    while (owner?.type === "subscript") {
      owner = owner.childForFieldName("value");
    }
    return owner !== node && owner?.text === name;
  };
  return (
    callsIn(body).some(({ callee, method }) => callee === `${name}.${method}` && CHANGING.test(method)) ||
    body.descendantsOfType(["assignment", "augmented_assignment"]).some((node) => {
      const left = node.childForFieldName("left");
      return isOf(left) || (node.type === "augmented_assignment" && left?.text === name);
    }) ||
    body.descendantsOfType("delete_statement").some((node) => isOf(node.firstNamedChild))
  );
}

/** Kept on the object, or returned: whoever gets it may change it. */
function isGivenAway(name: string, body: PythonNode): boolean {
  return (
    body
      .descendantsOfType("assignment")
      .some(
        (node) =>
          node.childForFieldName("left")?.type === "attribute" && node.childForFieldName("right")?.text === name,
      ) || body.descendantsOfType("return_statement").some((node) => node.firstNamedChild?.text === name)
  );
}

function hitOf(parameter: PythonParameter, value: PythonNode, body: PythonNode): RuleHit {
  const { name } = parameter;
  return {
    node: value,
    message: `All calls share this default of \`${name}\`, so what one call changes, the next one starts with. Write \`${name}=None\` and make it inside: \`if ${name} is None: ${name} = …\`.`,
    // With an annotation, None would need another one.
    fixes: parameter.annotation === undefined ? noneFix(name, value, body) : [],
  };
}

function noneFix(name: string, value: PythonNode, body: PythonNode) {
  const [first] = body.namedChildren.filter(({ type }) => type !== "comment");
  const isDocstring = first?.type === "expression_statement" && first.firstNamedChild?.type === "string";
  const before = isDocstring ? first.nextNamedSibling : first;
  const isOneLine = body.startPosition.row === body.parent?.startPosition.row;
  if (!before || isOneLine || value.text.includes("\n")) {
    return [];
  }
  const start = { line: before.startPosition.row, column: before.startPosition.column };
  const indent = " ".repeat(start.column);
  const { startPosition: from, endPosition: to } = value;
  return [
    {
      title: `Make ${name} inside of the function`,
      edits: [
        {
          range: { start: { line: from.row, column: from.column }, end: { line: to.row, column: to.column } },
          text: "None",
        },
        { range: { start, end: start }, text: `if ${name} is None:\n${indent}    ${name} = ${value.text}\n${indent}` },
      ],
    },
  ];
}
