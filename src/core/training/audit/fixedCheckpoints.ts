import { stringOf } from "../../base/pythonLiteral.ts";
import { type PythonCall, type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type AuditedCode, namesIn, ownerOf, soleValueOf } from "./scopedCalls.ts";

/** A checkpoint under one name: each save, and each run, replaces the one before. Lines count from zero. */
export type FixedCheckpoint = { path: string; line: number; call: string };

/** Calls that save a checkpoint, and where the path stands in their arguments. */
const SAVES: readonly { callee: RegExp; position: number; keyword: string }[] = [
  { callee: /^(?:torch|th|xm|accelerator)\.save$/, position: 1, keyword: "f" },
  { callee: /(?:^|\.)save_file$/, position: 1, keyword: "filename" },
  { callee: /(?:^|\.)joblib\.dump$/, position: 1, keyword: "filename" },
  { callee: /(?:^|\.)model\.save(?:_weights|_model)?$/, position: 0, keyword: "filepath" },
  { callee: /(?:^|[._])model\.save_pretrained$/, position: 0, keyword: "save_directory" },
];

/** `path`: where it is written out in full, so that it is the same in every run. */
export type Save = { node: PythonNode; target: PythonNode; path: string | undefined; call: string };

/** Every call that saves a checkpoint. */
export function checkpointSaves(code: AuditedCode): Save[] {
  return code.calls.flatMap((call) => {
    const { node, callee, positional, keywords } = call;
    const save = SAVES.find((each) => each.callee.test(callee));
    const target = save ? (keywords.get(save.keyword) ?? positional[save.position]) : pickledTo(call, code);
    return target === undefined ? [] : [{ node, target, path: writtenPath(target, code), call: callee }];
  });
}

export function findFixedCheckpoints(code: AuditedCode): FixedCheckpoint[] {
  return checkpointSaves(code).flatMap(({ node, path, call }) =>
    path === undefined ? [] : [{ path, line: node.startPosition.row, call }],
  );
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

/** A path is put together of a few parts; more is a circle. */
const MAX_DEPTH = 12;

/** The path that an expression spells, also through names and within f-strings, as far as nothing in it varies. */
export function writtenPath(node: PythonNode | undefined, code: AuditedCode, depth = 0): string | undefined {
  const plain = stringOf(node);
  if (node === undefined || plain !== undefined || depth > MAX_DEPTH) {
    return plain;
  }
  if (node.type === "identifier") {
    return writtenPath(soleValueOf(node.text, node, code), code, depth + 1);
  }
  const spelled = (parts: readonly PythonNode[]) => parts.map((part) => writtenPath(part, code, depth + 1));
  if (node.type === "string_content") {
    return node.text;
  }
  if (node.type === "string") {
    return joined(spelled(stringParts(node)), "");
  }
  const parts = pathParts(node);
  return parts && joined(spelled(parts), "/")?.replaceAll(/\/{2,}/g, "/");
}

function joined(texts: readonly (string | undefined)[], separator: string): string | undefined {
  return texts.every((text) => text !== undefined) ? texts.join(separator) : undefined;
}

/** The pieces of an f-string: what is written, and what stands in braces without a format of its own. */
function stringParts(node: PythonNode): PythonNode[] {
  return node.namedChildren.flatMap((part) => {
    const [value, ...format] = part.type === "interpolation" ? part.namedChildren : [];
    return part.type === "string_content"
      ? [part]
      : value && format.length === 0
        ? [value]
        : part.type === "interpolation"
          ? [part]
          : [];
  });
}

/** The parts of `os.path.join(a, b)`, `Path(a)`, `str(a)`, `a.joinpath(b)` and `a / b`. */
function pathParts(node: PythonNode): PythonNode[] | undefined {
  if (node.type === "binary_operator" && node.childForFieldName("operator")?.text === "/") {
    return [node.childForFieldName("left"), node.childForFieldName("right")].filter((part) => part !== null);
  }
  const call = node.type === "call" ? readCall(node) : undefined;
  if (!call || call.hasSplat || call.keywords.size > 0) {
    return undefined;
  }
  const owner = call.method === "joinpath" ? ownerOf(call) : undefined;
  const isPath = owner !== undefined || /(?:^|\.)(?:path\.join|join|Path|str|fspath)$/.test(call.callee);
  return isPath ? [...(owner ? [owner] : []), ...call.positional] : undefined;
}
