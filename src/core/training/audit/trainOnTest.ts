import type { PythonNode } from "../../base/pythonSyntax.ts";
import { mayFitModel } from "./fittedCalls.ts";
import type { RuleHit } from "./mlRule.ts";
import { namesOfRows } from "./namedRows.ts";
import { type AuditedCode, namesIn, type ScopedCall } from "./scopedCalls.ts";
import { learnedPart, testRowsIn } from "./testParts.ts";

/** Optimizer steps in a loop over the test loader, or a model's `fit` that is given the test set. */
export function findTrainingOnTest(code: AuditedCode): RuleHit[] {
  const fits = code.scoped.flatMap((call) => {
    const isModel = call.method === "fit" && mayFitModel(call, code);
    const name = isModel ? (testRowsIn(call.positional[0]) ?? learnedPart(call, code)) : undefined;
    return name === undefined ? [] : [{ node: call.node, message: onTest(name) }];
  });
  return [...fits, ...findTestLoops(code)];
}

function onTest(name: string): string {
  return `The model learns from \`${name}\` here, so nothing is left that can judge it. Train on the training part; the test set is looked at once, at the end.`;
}

/** Loops over the test set that change the model. Gradients alone, of an attack or a saliency map, change nothing. */
function findTestLoops({ scoped }: AuditedCode): RuleHit[] {
  const found = new Map<number, { loop: PythonNode; name: string; calls: ScopedCall[] }>();
  for (const call of scoped.filter(({ method }) => method === "backward" || method === "step")) {
    const test = testLoopAround(call.node);
    if (test) {
      const calls = [...(found.get(test.loop.id)?.calls ?? []), call];
      found.set(test.loop.id, { ...test, calls });
    }
  }
  return [...found.values()]
    .toSorted((a, b) => a.loop.startIndex - b.loop.startIndex)
    .flatMap(({ loop, name, calls }) => {
      const backward = calls.find(({ method }) => method === "backward");
      const step = calls.find(({ callee }) => (backward ? isStep(callee) : /optim\w*\.step$/.test(callee)));
      const learning = step || (backward && changesParameters(loop)) ? (backward ?? step) : undefined;
      return learning ? [{ node: learning.node, message: onTest(name) }] : [];
    });
}

/** Schedulers, profilers and environments have steps too. */
function isStep(callee: string): boolean {
  return /(?:^|\.)step$/.test(callee) && !/sched|prof|env|timer|progress/i.test(callee);
}

/** `for p in model.parameters(): p -= rate * p.grad`. */
function changesParameters(loop: PythonNode): boolean {
  return loop.descendantsOfType("for_statement").some((inner) => {
    const isOfParameters = /parameters\(\)/.test(inner.childForFieldName("right")?.text ?? "");
    const names = namesIn(inner.childForFieldName("left"));
    const changed = [
      ...inner.descendantsOfType("augmented_assignment").map((node) => node.childForFieldName("left")?.text ?? ""),
      ...inner
        .descendantsOfType("call")
        .map((node) => node.childForFieldName("function")?.text ?? "")
        .filter((callee) => /\.(?:sub|add|copy)_$/.test(callee)),
    ].map((text) => text.replace(/(?:\.data)?(?:\.(?:sub|add|copy)_)?$/, ""));
    return isOfParameters && changed.some((text) => names.includes(text));
  });
}

/** A loop over something else, over epochs or augmentations, leaves it to the loop around it which rows are learned from. */
const DATA_NAME = /train|val|load|data|batch|iter|(?:^|_)(?:set|sets|ds|dl)$/i;

/** The loop over the test set whose rows a place looks at: the innermost loop over data decides. */
function testLoopAround(place: PythonNode): { loop: PythonNode; name: string } | undefined {
  let wanted: readonly string[] = [];
  for (let loop = place.parent; loop; loop = loop.parent) {
    const rows = loop.type === "for_statement" ? rowsGivenBy(loop, wanted) : undefined;
    const name = testRowsIn(rows);
    if (name !== undefined) {
      return { loop, name };
    }
    const data = namesOfRows(rows).filter((each) => DATA_NAME.test(each));
    wanted = data.length > 0 ? data : wanted;
  }
  return undefined;
}

/** What a loop goes through, as far as it gives the names that an inner loop goes through; none are wanted at first. */
function rowsGivenBy(loop: PythonNode, wanted: readonly string[]): PythonNode | undefined {
  const left = loop.childForFieldName("left");
  const right = loop.childForFieldName("right") ?? undefined;
  if (!left || !right || wanted.length === 0) {
    return right;
  }
  const index = left.namedChildren.findIndex((target) => namesIn(target).some((name) => wanted.includes(name)));
  const isZip = right.type === "call" && right.childForFieldName("function")?.text === "zip";
  const zipped = isZip ? right.childForFieldName("arguments")?.namedChildren[index] : undefined;
  return namesIn(left).some((name) => wanted.includes(name)) ? (zipped ?? right) : undefined;
}
