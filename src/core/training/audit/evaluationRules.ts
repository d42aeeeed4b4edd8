import type { PythonNode } from "../../base/pythonSyntax.ts";
import { type EvaluationRegion, evaluationRegions, isComprehension, isInside } from "./evaluationRegions.ts";
import { METRIC_RULES } from "./metricRules.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import type { AuditedCode } from "./scopedCalls.ts";

export const EVALUATION_RULES: readonly MlRule[] = [
  {
    id: "evaluation-in-training-mode",
    severity: "warning",
    about: "a model is measured with dropout and batch statistics of the training",
    find: findTrainingMode,
  },
  {
    id: "gradients-in-evaluation",
    severity: "warning",
    about: "a model is measured while gradients are recorded",
    find: findRecordedGradients,
  },
  ...METRIC_RULES,
];

function findTrainingMode(code: AuditedCode): RuleHit[] {
  const isSwitched = code.calls.some(
    ({ callee, method, positional, keywords }) =>
      (method === "eval" && positional.length === 0) ||
      // `train(loader)` is a function of the file's own, and switches nothing.
      (callee.endsWith(".train") && (keywords.has("mode") || /^(?!True)/.test(positional[0]?.text ?? "True"))),
  );
  return isSwitched
    ? []
    : evaluationRegions(code).flatMap((region): RuleHit[] => {
        const name = region.forward[0]?.callee ?? "model";
        return [
          {
            node: placeOf(region),
            message: `Nothing in this file calls \`${name}.eval()\`, so dropout stays on here and batch normalisation learns from the held-out data. Call \`${name}.eval()\` before measuring, and \`${name}.train()\` before training goes on.`,
          },
        ];
      });
}

const NO_GRADIENTS = /\b(?:no_grad|inference_mode|set_grad_enabled|set_grad_mode)\b/;

function findRecordedGradients(code: AuditedCode): RuleHit[] {
  if (/\bset_grad_enabled\(False\)/.test(code.root.text)) {
    return [];
  }
  return evaluationRegions(code)
    .filter((region) => !isWithoutGradients(region, code) && !isDetached(region))
    .map((region) => ({
      node: placeOf(region),
      message:
        "Every batch measured here keeps its gradients, which takes memory and time and lets a later `backward()` learn from held-out data. Put it under `with torch.inference_mode():`.",
    }));
}

/** A comprehension keeps nothing but its values. */
function isDetached({ node }: EvaluationRegion): boolean {
  return isComprehension(node) && /\.(?:detach|item|tolist)\(\)/.test(node.childForFieldName("body")?.text ?? "");
}

/** The name of a function, so that not all of it is underlined; the head of a loop. */
function placeOf({ node }: EvaluationRegion): PythonNode {
  return node.childForFieldName("name") ?? node.childForFieldName("right") ?? node;
}

function isWithoutGradients({ node }: EvaluationRegion, code: AuditedCode): boolean {
  const decorated = node.parent?.type === "decorated_definition" ? node.parent : node;
  return (
    NO_GRADIENTS.test(decorated.text) ||
    isUnderNoGradients(node) ||
    callersOf(node, code).some((call) => isUnderNoGradients(call))
  );
}

/** Under a `with` that switches gradients off, or in a function that is decorated so. */
function isUnderNoGradients(node: PythonNode): boolean {
  for (let outer = node.parent; outer; outer = outer.parent) {
    const head =
      outer.type === "with_statement"
        ? outer.namedChildren.filter(({ type }) => type === "with_clause")
        : outer.type === "decorated_definition"
          ? outer.namedChildren.filter(({ type }) => type === "decorator")
          : [];
    if (head.some(({ text }) => NO_GRADIENTS.test(text))) {
      return true;
    }
  }
  return false;
}

function callersOf(node: PythonNode, { calls }: AuditedCode): PythonNode[] {
  const name = node.type === "function_definition" ? node.childForFieldName("name")?.text : undefined;
  return calls.filter((call) => call.method === name && !isInside(call.node, node)).map((call) => call.node);
}
