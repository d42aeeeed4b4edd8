import { readConstant } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { AuditedCode } from "./scopedCalls.ts";

/** A checkpoint under one name: each save, and each run, replaces the one before. Lines count from zero. */
export type FixedCheckpoint = { path: string; line: number; call: string };

/** Calls that save a checkpoint, and where the path stands in their arguments. */
const SAVES: readonly { callee: RegExp; position: number; keyword: string }[] = [
  { callee: /^(?:torch|th|xm|accelerator)\.save$/, position: 1, keyword: "f" },
  { callee: /(?:^|\.)save_file$/, position: 1, keyword: "filename" },
  { callee: /(?:^|\.)joblib\.dump$/, position: 1, keyword: "filename" },
  { callee: /(?:^|\.)model\.save(?:_weights|_model)?$/, position: 0, keyword: "filepath" },
];

/** Saves whose path is written out in full, so that it is the same in every run. */
export function fixedSaves({ calls, constants }: AuditedCode): { node: PythonNode; path: string; call: string }[] {
  return calls.flatMap(({ node, callee, positional, keywords }) => {
    const save = SAVES.find((each) => each.callee.test(callee));
    const path = save ? writtenPath(keywords.get(save.keyword) ?? positional[save.position], constants) : undefined;
    return path === undefined ? [] : [{ node, path, call: callee }];
  });
}

export function findFixedCheckpoints(code: AuditedCode): FixedCheckpoint[] {
  return fixedSaves(code).map(({ node, path, call }) => ({ path, line: node.startPosition.row, call }));
}

function writtenPath(node: PythonNode | undefined, constants: ReadonlyMap<string, PythonNode>): string | undefined {
  const literal = readConstant(node, constants);
  if (literal?.kind === "string") {
    return literal.value;
  }
  const parts = node ? pathParts(node) : undefined;
  const texts = parts?.map((part) => writtenPath(part, constants));
  return texts?.every((text) => text !== undefined) === true ? texts.join("/").replaceAll(/\/{2,}/g, "/") : undefined;
}

/** The parts of `os.path.join(a, b)`, `Path(a)` and `a / b`. */
function pathParts(node: PythonNode): PythonNode[] | undefined {
  if (node.type === "binary_operator" && node.childForFieldName("operator")?.text === "/") {
    return [node.childForFieldName("left"), node.childForFieldName("right")].filter((part) => part !== null);
  }
  const isPath = node.type === "call" && /(?:^|\.)(?:join|Path)$/.test(node.childForFieldName("function")?.text ?? "");
  return isPath ? (node.childForFieldName("arguments")?.namedChildren ?? []) : undefined;
}
