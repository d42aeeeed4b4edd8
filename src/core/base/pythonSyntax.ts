import type { Node } from "web-tree-sitter";

/** A node of a parsed Python file. Positions count from zero, columns in UTF-16 units as editors do. */
export type PythonNode = Node;

/**
 * Parses Python without importing or running it.
 * Contract: `visit` gets the whole file even where the text has syntax errors (`root.hasError`); nodes are dead
 * once it returns, so it returns plain data.
 */
export type PythonParser = {
  read<Result>(source: string, visit: (root: PythonNode) => Result): Result;
};

/** `a.b.c` for a name or a chain of attributes, nothing for any other expression. */
export function dottedName(node: PythonNode | null | undefined): string | undefined {
  if (node?.type === "identifier" || node?.type === "dotted_name") {
    return node.text;
  }
  if (node?.type === "attribute") {
    const owner = dottedName(node.childForFieldName("object"));
    return owner && `${owner}.${node.childForFieldName("attribute")?.text}`;
  }
  return undefined;
}

export type PythonCall = {
  node: PythonNode;
  /** `parser.add_argument`; empty where the callee is not a plain chain of names. */
  callee: string;
  /** The last name of the callee, also where its owner is itself a call: `add_argument` of `make().add_argument(…)`. */
  method: string;
  positional: readonly PythonNode[];
  keywords: ReadonlyMap<string, PythonNode>;
  /** True where `*args` or `**kwargs` hide arguments from a reader. */
  hasSplat: boolean;
  line: number;
};

export function readCall(node: PythonNode): PythonCall {
  const callee = node.childForFieldName("function");
  const positional: PythonNode[] = [];
  const keywords = new Map<string, PythonNode>();
  let hasSplat = false;
  for (const argument of node.childForFieldName("arguments")?.namedChildren ?? []) {
    if (argument.type === "keyword_argument") {
      const value = argument.childForFieldName("value");
      if (value) {
        keywords.set(argument.childForFieldName("name")?.text ?? "", value);
      }
    } else if (argument.type === "list_splat" || argument.type === "dictionary_splat") {
      hasSplat = true;
    } else if (argument.type !== "comment") {
      positional.push(argument);
    }
  }
  const method = callee?.type === "attribute" ? callee.childForFieldName("attribute")?.text : callee?.text;
  return {
    node,
    callee: dottedName(callee) ?? "",
    method: method ?? "",
    positional,
    keywords,
    hasSplat,
    line: node.startPosition.row,
  };
}

/** Every call below a node, outermost first. */
export function callsIn(node: PythonNode): PythonCall[] {
  return node.descendantsOfType("call").map(readCall);
}

export type PythonClass = {
  node: PythonNode;
  name: string;
  /** The base classes as written, `metaclass=…` left out. */
  bases: readonly string[];
  line: number;
};

export function classesIn(root: PythonNode): PythonClass[] {
  return root.descendantsOfType("class_definition").map((node) => ({
    node,
    name: node.childForFieldName("name")?.text ?? "",
    bases: (node.childForFieldName("superclasses")?.namedChildren ?? []).flatMap((base) => dottedName(base) ?? []),
    line: node.startPosition.row,
  }));
}

/** The decorators of a class or function definition, as written after the `@`. */
export function decoratorsOf(definition: PythonNode): PythonNode[] {
  return definition.parent ? decoratorsIn(definition.parent) : [];
}

/** The same of a statement that is known, which spares looking for the parent from the root on. */
export function decoratorsIn(statement: PythonNode): PythonNode[] {
  if (statement.type !== "decorated_definition") {
    return [];
  }
  return statement.namedChildren.flatMap((child) =>
    child.type === "decorator" && child.firstNamedChild ? [child.firstNamedChild] : [],
  );
}

export type PythonParameter = {
  name: string;
  /** The annotation as written. */
  annotation?: string;
  default?: PythonNode;
  line: number;
};

/** The named parameters of a function definition; `self`, `*args` and `**kwargs` are left out. */
export function parametersOf(definition: PythonNode): PythonParameter[] {
  const parameters = definition.childForFieldName("parameters")?.namedChildren ?? [];
  const named = parameters.filter((node) => !node.type.endsWith("_splat_pattern"));
  return named.flatMap((node): PythonParameter[] => {
    const name = node.childForFieldName("name") ?? (node.type === "identifier" ? node : node.firstNamedChild);
    if (name?.type !== "identifier" || name.text === "self" || name.text === "cls") {
      return [];
    }
    const annotation = node.childForFieldName("type")?.text;
    const value = node.childForFieldName("value");
    return [
      {
        name: name.text,
        ...(annotation ? { annotation } : {}),
        ...(value ? { default: value } : {}),
        line: node.startPosition.row,
      },
    ];
  });
}
