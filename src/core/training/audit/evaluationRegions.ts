import type { PythonNode } from "../../base/pythonSyntax.ts";
import { type AuditedCode, identifiersIn, namesIn, type ScopedCall, scopeOf } from "./scopedCalls.ts";
import { derivedNames, statementOf } from "./splitFlow.ts";

/**
 * A place that measures a model on data it does not learn from: a function that is called so, a loop over held-out data, or a
 * comprehension that nothing is learned from.
 */
export type EvaluationRegion = {
  node: PythonNode;
  /** The calls of the model in it, at least one. */
  forward: readonly ScopedCall[];
};

const EVALUATING_FUNCTION =
  /^_?(?:run_|do_)?(?:evaluate|eval|validate|validation|valid|val|test)(?:_(?:model|epoch|one_epoch|loop|fn|model_on|accuracy|loss))?$/;

const HELD_OUT_ITERABLE =
  /^(?:[a-z]+_)*(?:test|val|valid|validation|eval|dev|holdout)(?:_?(?:loader|dl|set|data|dataset|ds|iter|dataloader|generator|batches))?$/i;

/** Batches of no certain part. They may be learned from, in a loop, and wherever the values of a comprehension go. */
const BATCHES = /^(?!.*train)(?:[a-z]+_)*(?:loader|dl|dataloader|batches)$/i;

const COMPREHENSIONS = ["list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"];

/** A function whose value is learned from. */
const LOSS = /loss|criterion|objective|entropy|likelihood|nll|kl_div|bce|mse|elbo/i;

/** What no gradient comes through. */
const WITHOUT_GRADIENT = /\.(?:detach|item|tolist|numpy|argmax)\(|==/;

const MODEL = /(?:^|[._])(?:model|net|network|classifier|module)$/;

/** Libraries whose loops switch the mode and the gradients by themselves. */
const MANAGED = /\b(?:LightningModule|create_supervised_evaluator|pytest|unittest)\b/;

/** Two rules ask, and the answer is the same. */
const known = new WeakMap<AuditedCode, readonly EvaluationRegion[]>();

/** Of a file that also trains, since elsewhere nobody knows in which mode the model comes. */
export function evaluationRegions(code: AuditedCode): readonly EvaluationRegion[] {
  const regions = known.get(code) ?? findRegions(code);
  known.set(code, regions);
  return regions;
}

function findRegions(code: AuditedCode): EvaluationRegion[] {
  const trains = code.calls.some(({ method }) => method === "backward");
  if (!trains || MANAGED.test(code.root.text) || !/\btorch\b/.test(code.root.text)) {
    return [];
  }
  const functions = code.root
    .descendantsOfType("function_definition")
    .filter((node) => EVALUATING_FUNCTION.test(node.childForFieldName("name")?.text ?? ""));
  const loops = code.root
    .descendantsOfType("for_statement")
    .filter((loop) => namesIn(loop.childForFieldName("right")).some((name) => HELD_OUT_ITERABLE.test(name)))
    .filter((loop) => !functions.some((node) => isInside(loop, node)));
  const others = comprehensionsOf(code).filter(
    (each) => ![...functions, ...loops].some((node) => isInside(each, node)),
  );
  return [...functions, ...loops, ...others].flatMap((node) => {
    const { startIndex, endIndex } = node;
    const inside = code.scoped.filter(({ start, end }) => start >= startIndex && end <= endIndex);
    const forward = inside.filter(isForward);
    const isMeasured = forward.length > 0 && !inside.some(needsGradients);
    return isMeasured ? [{ node, forward }] : [];
  });
}

/** The outermost ones over batches that nothing is learned from. */
function comprehensionsOf(code: AuditedCode): PythonNode[] {
  const found = code.root.descendantsOfType(COMPREHENSIONS).filter((node) => {
    const batches = batchesOf(node);
    const isHeldOut = batches.some((name) => HELD_OUT_ITERABLE.test(name));
    const isMeasured = isHeldOut || (batches.some((name) => BATCHES.test(name)) && !mayBeLearned(node, code));
    return isMeasured && !isLearned(node, code);
  });
  return found.filter((node) => !found.some((outer) => outer.id !== node.id && isInside(node, outer)));
}

export function isComprehension({ type }: PythonNode): boolean {
  return COMPREHENSIONS.includes(type);
}

/** The names that a comprehension goes over. */
function batchesOf(comprehension: PythonNode): string[] {
  return comprehension.namedChildren
    .filter(({ type }) => type === "for_in_clause")
    .flatMap((clause) => namesIn(clause.childForFieldName("right")));
}

/** Whether a gradient is taken of what a comprehension gives: in its statement, or later by a name. */
function isLearned(comprehension: PythonNode, code: AuditedCode): boolean {
  const statement = statementOf(comprehension);
  const around = code.assignments.find(({ value }) => isInside(comprehension, value));
  return code.scoped.filter(needsGradients).some((call) => {
    if (isInside(call.node, statement)) {
      return true;
    }
    if (around === undefined || call.scopeId !== around.scopeId || call.start < around.start) {
      return false;
    }
    const derived = derivedNames(code, around.targets, { ...around, end: call.start });
    return identifiersIn(call.node).some(({ text }) => derived.has(text));
  });
}

/**
 * Whether what a comprehension gives may be learned from where these rules do not look: a loss is made of it, or it leaves the
 * function by being returned, kept on an object or handed to another function of the file.
 */
function mayBeLearned(comprehension: PythonNode, code: AuditedCode): boolean {
  if (WITHOUT_GRADIENT.test(comprehension.childForFieldName("body")?.text ?? "")) {
    return false;
  }
  const { startIndex, endIndex } = comprehension;
  const isLoss = code.scoped.some(
    ({ start, end, callee }) => start >= startIndex && end <= endIndex && LOSS.test(callee),
  );
  return isLoss || [comprehension, ...laterUsesOf(comprehension)].some((place) => isHandedOn(place, code));
}

/** Where the names stand that hold what a comprehension gives, or what was made of it. */
function laterUsesOf(comprehension: PythonNode): PythonNode[] {
  const scope = scopeOf(comprehension);
  const changes = scope
    .descendantsOfType(["assignment", "augmented_assignment", "for_statement"])
    .filter((node) => node.endIndex > comprehension.startIndex);
  const names = new Set<string>();
  for (const change of changes) {
    const value = change.childForFieldName("right");
    if (value && (isInside(comprehension, value) || namesIn(value).some((name) => names.has(name)))) {
      namesIn(change.childForFieldName("left")).forEach((name) => names.add(name));
    }
  }
  return identifiersIn(scope).filter((node) => node.startIndex > comprehension.endIndex && names.has(node.text));
}

/** Whether the statement around a place makes a loss of what stands there, or hands it to who may. */
function isHandedOn(place: PythonNode, code: AuditedCode): boolean {
  for (let node = place.parent; node && !/^(?:block|module)$/.test(node.type); node = node.parent) {
    switch (node.type) {
      case "return_statement":
      case "yield":
      case "lambda":
        return true;
      case "assignment":
      case "augmented_assignment":
        if (/^(?:attribute|subscript)$/.test(node.childForFieldName("left")?.type ?? "")) {
          return true;
        }
        break;
      case "call":
        if (takesToLearn(node, code)) {
          return true;
        }
        break;
    }
  }
  return false;
}

/** A loss or its gradient, a list that is looked at elsewhere, or a function of the file that does more than to measure. */
function takesToLearn(call: PythonNode, { root }: AuditedCode): boolean {
  const callee = call.childForFieldName("function")?.text ?? "";
  const method = callee.split(".").at(-1) ?? "";
  if (EVALUATING_FUNCTION.test(method)) {
    return false;
  }
  return (
    LOSS.test(callee) ||
    /^(?:append|extend|backward|grad)$/.test(method) ||
    root.descendantsOfType("function_definition").some((node) => node.childForFieldName("name")?.text === method)
  );
}

function isForward({ callee, positional, keywords, hasSplat }: ScopedCall): boolean {
  return MODEL.test(callee) && (positional.length > 0 || keywords.size > 0 || hasSplat);
}

/** Attacks and saliency maps differentiate while they measure. */
function needsGradients({ method, callee }: ScopedCall): boolean {
  return /^(?:backward|requires_grad_|step)$/.test(method) || callee.endsWith("autograd.grad");
}

export function isInside(node: PythonNode, outer: PythonNode): boolean {
  return node.startIndex >= outer.startIndex && node.endIndex <= outer.endIndex;
}
