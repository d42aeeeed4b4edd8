import type { PythonNode } from "../../base/pythonSyntax.ts";
import { FIT } from "./fittedCalls.ts";
import { namesOfRows } from "./namedRows.ts";
import { type AuditedCode, classOf, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";

/** A name that says what it holds: `X_test`, `Xte`, `test_loader`, `dtest`. */
const TEST_NAME =
  /(?:^|_)(?:test|holdout|hold_out)(?:$|_)|^(?:x|y|X|Y)_?(?:test|te|tst)$|^d?test(?:_?(?:set|loader|data|ds|dl|df|x|y|iter|dataset|dataloader|gen|generator|batches))?$/i;

/** What a held-out part of a split may be called, which elsewhere is a name like any other. */
const SHORT_TEST_NAME = /(?:^|_)(?:te|tst)(?:$|_)/i;

const VALIDATION_NAME = /(?:^|_)val(?:id|idation)?(?:$|_)/i;

export function isTestName(name: string): boolean {
  return TEST_NAME.test(name) && !/train|(?:to|under)_test$/i.test(name);
}

export function namesTest(node: PythonNode | undefined): string | undefined {
  return namesIn(node).find(isTestName) ?? testAttribute(node);
}

export function namesValidation(node: PythonNode | undefined): string | undefined {
  return namesIn(node).find(isValidationName);
}

/** The test set whose rows an expression holds: `X_test`, and not that of `X[~is_test]`. */
export function testRowsIn(node: PythonNode | undefined): string | undefined {
  return namesOfRows(node).find(isTestName) ?? testAttribute(node);
}

export function validationRowsIn(node: PythonNode | undefined): string | undefined {
  return namesOfRows(node).find(isValidationName);
}

/** A name of rows that a model is judged by: test or validation. */
export function isHeldOutName(name: string): boolean {
  return isTestName(name) || isValidationName(name);
}

function isValidationName(name: string): boolean {
  return VALIDATION_NAME.test(name);
}

function testAttribute(node: PythonNode | undefined): string | undefined {
  return /(?<=\.)test\b/.exec(node?.type === "attribute" ? node.text : "")?.[0];
}

/** One of the names that a split assigns. */
export type SplitPart = {
  name: string;
  isHeldOut: boolean;
  /** The training part that a held-out one belongs to. */
  training: string;
};

/** Which part of `train_test_split` a name holds at a place, unless it was given other rows since. */
export function splitPartOf(
  name: string,
  at: { scopeId: number; start: number },
  code: AuditedCode,
): SplitPart | undefined {
  const given = code.assignments.findLast(
    ({ scopeId, start, targets, value }) =>
      scopeId === at.scopeId && start < at.start && targets.includes(name) && !isDerivedFromItself(name, value),
  );
  const split = code.scoped.find(({ node }) => node.id === given?.value.id);
  const targets = given?.targets ?? [];
  // `_, few = train_test_split(X)` takes a sample; nothing is trained on the other part.
  if (split?.method !== "train_test_split" || targets.includes("_")) {
    return undefined;
  }
  const index = targets.indexOf(name);
  const training = targets[index - (index % 2)] ?? name;
  return { name, isHeldOut: index % 2 === 1, training };
}

/** `X = X.astype(float)` holds the same rows; `X, rest = train_test_split(X)` does not. */
function isDerivedFromItself(name: string, value: PythonNode): boolean {
  const method = value.type === "call" ? value.childForFieldName("function")?.text : undefined;
  return !/\btrain_test_split$/.test(method ?? "") && namesIn(value).includes(name);
}

/** The held-out part that a call learns from: one that says so, or one whose training part the same learner was given. */
export function learnedPart(call: ScopedCall, code: AuditedCode): string | undefined {
  const [data] = call.positional;
  const parts = namesOfRows(data).flatMap((name) => splitPartOf(name, call, code) ?? []);
  return parts.find(
    (part) => part.isHeldOut && (SHORT_TEST_NAME.test(part.name) || hasLearned(part.training, call, code)),
  )?.name;
}

function hasLearned(training: string, call: ScopedCall, code: AuditedCode): boolean {
  const learner = (each: ScopedCall) => `${ownerOf(each)?.text ?? ""} ${classOf(ownerOf(each), code) ?? ""}`;
  return code.scoped.some(
    (each) =>
      FIT.test(each.method) &&
      each.scopeId === call.scopeId &&
      each.start < call.start &&
      learner(each) === learner(call) &&
      namesIn(each.positional[0]).includes(training),
  );
}
