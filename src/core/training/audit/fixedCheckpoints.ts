import { readConstant } from "../../base/pythonLiteral.ts";
import { type PythonCall, type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type AuditedCode, namesIn } from "./scopedCalls.ts";

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
export function fixedSaves(code: AuditedCode): { node: PythonNode; path: string; call: string }[] {
  const { calls, constants } = code;
  return calls.flatMap((call) => {
    const { node, callee, positional, keywords } = call;
    const save = SAVES.find((each) => each.callee.test(callee));
    const target = save ? (keywords.get(save.keyword) ?? positional[save.position]) : pickledTo(call, code);
    const path = writtenPath(target, constants);
    return path === undefined ? [] : [{ node, path, call: callee }];
  });
}

export function findFixedCheckpoints(code: AuditedCode): FixedCheckpoint[] {
  return fixedSaves(code).map(({ node, path, call }) => ({ path, line: node.startPosition.row, call }));
}

/** Learns, or is named as what learns: a table of results may be pickled as often as one likes. */
function isModel(node: PythonNode | undefined, { calls }: AuditedCode): boolean {
  const names = namesIn(node);
  return (
    names.some((name) => /(?:^|_)(?:model|net|clf|classifier|regressor|estimator|booster|agent|policy)$/i.test(name)) ||
    calls.some(({ callee }) => names.some((name) => callee === `${name}.fit` || callee === `${name}.partial_fit`))
  );
}

/** The path of `pickle.dump(model, open(path, "wb"))`, and of the `with open(path, "wb") as file` around it. */
function pickledTo({ callee, positional, node }: PythonCall, code: AuditedCode): PythonNode | undefined {
  const [pickled, file] = positional;
  if (!/^(?:pickle|cPickle|pkl|dill|cloudpickle)\.dump$/.test(callee) || !isModel(pickled, code)) {
    return undefined;
  }
  const opened = file?.type === "call" ? file : openedAs(file?.text, node);
  const opening = opened && readCall(opened);
  return opening?.method === "open" && opening.callee === "open" ? opening.positional[0] : undefined;
}

/** The call whose result a `with` around a place names. */
function openedAs(name: string | undefined, place: PythonNode): PythonNode | undefined {
  for (let outer = place.parent; outer && outer.type !== "function_definition"; outer = outer.parent) {
    const items = outer.type === "with_statement" ? outer.descendantsOfType("as_pattern") : [];
    const opened = items.find((item) => item.childForFieldName("alias")?.text === name)?.firstNamedChild;
    if (opened?.type === "call") {
      return opened;
    }
  }
  return undefined;
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
