import { dottedName, type PythonNode } from "../../base/pythonSyntax.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall, scopeOf } from "./scopedCalls.ts";
import { assignmentAround } from "./splitFlow.ts";

/*
 * Splits that are written by hand: rows are drawn at random, and the rest is the other part. Drawing alone is none, since
 * batches are drawn too; both parts have to be seen.
 */

/** The calls that draw. */
export function drawnSplits(code: AuditedCode): ScopedCall[] {
  return code.scoped.filter(
    (call) => isSampleWithRest(call, code) || isCutAfterDrawing(call, code) || isMask(call, code),
  );
}

/** Draws from a generator that somebody may have seeded, or is given a seed. */
export function isDrawnWithSeed(call: ScopedCall): boolean {
  const seed = call.keywords.get("random_state") ?? call.keywords.get("generator");
  const isGlobal =
    call.method === "sample" ||
    /^(?:(?:np|numpy)\.random|random|torch|(?:sklearn\.)?utils)\.\w+$|^shuffle$/.test(call.callee);
  return !isGlobal || call.hasSplat || (seed !== undefined && seed.type !== "none");
}

/** `train = df.sample(frac=0.8)` and `test = df.drop(train.index)`. */
function isSampleWithRest(call: ScopedCall, { scoped }: AuditedCode): boolean {
  const [sample] = call.method === "sample" ? call.targets : [];
  const rest = new RegExp(`^${sample}\\.index(?:\\.\\w+)?$`);
  return (
    sample !== undefined &&
    scoped.some(
      ({ method, positional, keywords, start, scopeId }) =>
        (method === "drop" || method === "isin") &&
        scopeId === call.scopeId &&
        start > call.start &&
        rest.test((positional[0] ?? keywords.get("index"))?.text ?? ""),
    )
  );
}

const DRAWING = /^(?:permutation|randperm|shuffle)$/;

/** `order = np.random.permutation(n)` and then `order[:k]` and `order[k:]`. */
function isCutAfterDrawing(call: ScopedCall, code: AuditedCode): boolean {
  const isDrawing =
    DRAWING.test(call.method) ||
    (call.method === "sample" && /^1(?:\.0*)?$/.test(call.keywords.get("frac")?.text ?? ""));
  if (!isDrawing) {
    return false;
  }
  const drawn =
    assignmentAround(call, code)?.targets ?? (call.method === "shuffle" ? namesIn(call.positional[0]).slice(0, 1) : []);
  return isCutInTwo(drawn, call, code) || isCutByLibrary(call, code);
}

function isCutInTwo(names: readonly string[], { node, scopeId, start }: ScopedCall, code: AuditedCode): boolean {
  const holds = (value: PythonNode) => namesIn(value).some((name) => names.includes(name));
  const next = code.assignments.find(
    (each) =>
      each.scopeId === scopeId &&
      each.start > start &&
      each.targets.some((name) => names.includes(name)) &&
      !holds(each.value),
  );
  const scope = scopeOf(node);
  const slices = scope
    .descendantsOfType("slice")
    .filter((slice) => slice.startIndex > start && slice.startIndex < (next?.start ?? Infinity))
    .filter((slice) => names.includes(dottedName(cutOf(slice))?.replace(/\.i?loc$/, "") ?? ""))
    .map(({ text }) => text.replaceAll(/\s/g, ""));
  return slices.some((text) => /^:[^-]/.test(text)) && slices.some((text) => /^[^:].*:$/.test(text));
}

/** `order` of `order[:k]`, and of `order[:k, 0]`. */
function cutOf(slice: PythonNode): PythonNode | undefined {
  return slice.parent?.childForFieldName("value") ?? undefined;
}

/** `np.split(df.sample(frac=1), [a, b])`. */
function isCutByLibrary({ start, end }: ScopedCall, { scoped }: AuditedCode): boolean {
  return scoped.some(
    ({ callee, positional }) =>
      /^(?:np|numpy)\.split$/.test(callee) &&
      positional[0] !== undefined &&
      positional[0].startIndex <= start &&
      positional[0].endIndex >= end,
  );
}

/** `chosen = np.random.rand(len(df)) < 0.8` and then `df[chosen]` and `df[~chosen]`. */
function isMask(call: ScopedCall, code: AuditedCode): boolean {
  const isDrawing = /^(?:rand|random|uniform|random_sample)$/.test(call.method) && ownerOf(call) !== undefined;
  const drawn = isDrawing ? assignmentAround(call, code) : undefined;
  const [mask] = drawn?.value.type === "comparison_operator" ? drawn.targets : [];
  const values =
    mask === undefined ? [] : code.assignments.map(({ value }) => value.text.replaceAll(/\.loc(?=\[)/g, ""));
  return values.some((rest) => {
    const frame = rest.endsWith(`[~${mask}]`) ? rest.slice(0, -`[~${mask}]`.length) : undefined;
    return frame !== undefined && values.includes(`${frame}[${mask}]`);
  });
}
