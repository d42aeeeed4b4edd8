import type { PythonCall, PythonNode } from "../../base/pythonSyntax.ts";
import { isInside } from "./evaluationRegions.ts";
import { type Save, writtenPath } from "./fixedCheckpoints.ts";
import { type AuditedCode, identifiersIn, namesIn, ownerOf } from "./scopedCalls.ts";

/** In a loop, or in a function of this file that a loop calls, and nowhere under an `if`. */
export function isSavedEveryRound(node: PythonNode, { scoped }: AuditedCode): boolean {
  const place = roundOf(node);
  if (place?.type !== "function_definition") {
    return place !== undefined;
  }
  const name = place.childForFieldName("name")?.text;
  return scoped.some(
    (call) =>
      call.method === name && !isInside(call.node, place) && /^(?:for|while)/.test(roundOf(call.node)?.type ?? ""),
  );
}

/** Every tenth epoch, or one process of several: that chooses no best one. */
const EVERY_FEW = /%|\b(?:\w*rank|is_(?:local_)?main_process|is_master|is_world_process_zero)\b/;

/** The loop around a place, or else the function; nothing where an `if` stands between. */
function roundOf(node: PythonNode): PythonNode | undefined {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (outer.type === "if_statement" && !EVERY_FEW.test(outer.childForFieldName("condition")?.text ?? "")) {
      return undefined;
    }
    if (/^(?:for_statement|while_statement|function_definition)$/.test(outer.type)) {
      return outer;
    }
  }
  return undefined;
}

/** Whether the same round keeps what a save under a fixed name holds under a name of its own: by another save, or by a move. */
export function isKeptElsewhere(save: Save, saves: readonly Save[], code: AuditedCode): boolean {
  const round = roundOf(save.node);
  if (!round) {
    return false;
  }
  const varying = namesThatVary(round);
  const varies = (path: PythonNode | undefined) =>
    writtenPath(path, code) === undefined && namesIn(path).some((name) => varying.has(name));
  const saved = savedNames(save);
  return (
    saves.some(
      (other) =>
        isInside(other.node, round) && varies(other.target) && savedNames(other).some((name) => saved.includes(name)),
    ) ||
    code.calls.some((call) => {
      const moved = isInside(call.node, round) ? moveOf(call) : undefined;
      return moved !== undefined && writtenPath(moved.from, code) === save.path && varies(moved.to);
    })
  );
}

/** What a round of a loop, or a call of a function, may have other values of. */
function namesThatVary(round: PythonNode): Set<string> {
  const assigned = round.descendantsOfType(["assignment", "augmented_assignment", "for_statement"]);
  const names = [round, ...assigned].flatMap((node) => namesIn(node.childForFieldName("left")));
  return new Set([...names, ...namesIn(round.childForFieldName("parameters"))]);
}

function savedNames({ node, target }: Save): string[] {
  const callee = node.childForFieldName("function");
  const owner = /^(?:torch|th|xm|accelerator|joblib|pickle)\b/.test(callee?.text ?? "") ? callee : undefined;
  return identifiersIn(node)
    .filter((name) => !isInside(name, target) && !(owner && isInside(name, owner)))
    .map(({ text }) => text);
}

/** `os.replace(a, b)`, `shutil.move(a, b)` and `a.replace(b)`. */
function moveOf(call: PythonCall): { from: PythonNode | undefined; to: PythonNode | undefined } | undefined {
  const [first, second] = call.positional;
  return /^(?:os\.(?:replace|rename)|shutil\.(?:move|copy\w*))$/.test(call.callee)
    ? { from: first, to: second }
    : /^(?:replace|rename)$/.test(call.method) && second === undefined
      ? { from: ownerOf(call), to: first }
      : undefined;
}
