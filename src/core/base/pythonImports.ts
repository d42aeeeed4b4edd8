import { dottedName, type PythonNode } from "./pythonSyntax.ts";

export type PythonImport = {
  /** The module as written: `torch.nn`, `.data`, `..`. */
  module: string;
  /** What `from … import` takes out of it; absent for a plain `import`. */
  name?: string;
  /** The name it gets in this file: `nn` of `import torch.nn as nn`, `torch` of `import torch.nn`. */
  local: string;
  line: number;
  /** False inside a function, a `try` or an `if`: the file may well run without it. */
  isUnconditional: boolean;
};

export function importsIn(root: PythonNode): PythonImport[] {
  return root.descendantsOfType(["import_statement", "import_from_statement"]).flatMap(readImport);
}

/** What one import statement binds. */
export function readImport(node: PythonNode): PythonImport[] {
  const isUnconditional = node.parent?.type === "module";
  const line = node.startPosition.row;
  const names = node.childrenForFieldName("name");
  if (node.type === "import_statement") {
    return names.map((name) => {
      const module = dottedName(name.childForFieldName("name") ?? name) ?? name.text;
      const local = name.childForFieldName("alias")?.text ?? module.split(".")[0] ?? module;
      return { module, local, line, isUnconditional };
    });
  }
  const module = node.childForFieldName("module_name")?.text ?? "";
  if (names.length === 0) {
    return [{ module, name: "*", local: "*", line, isUnconditional }];
  }
  return names.map((name) => {
    const imported = (name.childForFieldName("name") ?? name).text;
    return {
      module,
      name: imported,
      local: name.childForFieldName("alias")?.text ?? imported,
      line,
      isUnconditional,
    };
  });
}
