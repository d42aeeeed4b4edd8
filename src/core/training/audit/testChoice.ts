import { stringOf } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { RuleHit } from "./mlRule.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall, scopeOf } from "./scopedCalls.ts";
import { isTestName, namesTest, namesValidation } from "./testParts.ts";

const CHOOSING = /^(?:validation_data|eval_set|eval_dataset|valid_sets|val_dataloaders)$/;

/** The test set that a library's loop, or a loop of the script's own, picks the best epoch by. */
export function findChoiceByTest(code: AuditedCode): RuleHit[] {
  return [
    ...code.scoped.flatMap((call) => givenToLoop(call, code)),
    ...code.root.descendantsOfType("if_statement").flatMap((node) => keptBest(node, code)),
    ...code.scoped.flatMap((call) => pickedBest(call, code)),
  ];
}

function givenToLoop(call: ScopedCall, code: AuditedCode): RuleHit[] {
  const choosing = [...call.keywords].filter(([keyword]) => CHOOSING.test(keyword) || isStoppedBy(keyword, call));
  const third = /(?:^|[._])trainer\.fit$/.test(call.callee) ? call.positional[2] : undefined;
  return [...choosing, ...(third ? [["val_dataloaders", third] as const] : [])].flatMap(([keyword, value]) => {
    const name = namesTest(value) ?? keyedTest(value, code);
    return name === undefined
      ? []
      : [
          {
            node: value,
            message: `\`${keyword}\` is \`${name}\`: what stops the training or picks the best epoch by the test set tunes the model on it. Hold out a validation part of the training data.`,
          },
        ];
  });
}

/** `data["test"]`, unless the file has cut it off the training part, which then is a validation part of that name. */
function keyedTest(node: PythonNode, { calls }: AuditedCode): string | undefined {
  const key = node.type === "subscript" ? stringOf(node.childForFieldName("subscript")) : undefined;
  const isCutOff = calls.some((call) => call.method === "train_test_split" && ownerOf(call) !== undefined);
  return key !== undefined && isTestName(key) && !isCutOff ? node.text : undefined;
}

/** What `xgboost.train` is only given to watch decides nothing. */
function isStoppedBy(keyword: string, { keywords }: ScopedCall): boolean {
  return keyword === "evals" && keywords.has("early_stopping_rounds");
}

const BEST = /best|lowest|highest/i;
const KEPT = /\bsave\w*\(|state_dict\(|\bdeepcopy\(|\bbreak\b|\bdump\(/;

/** `if acc > best_acc: torch.save(…)`, where `acc` was measured on the test set. */
function keptBest(node: PythonNode, code: AuditedCode): RuleHit[] {
  const condition = node.childForFieldName("condition");
  if (!condition || !BEST.test(condition.text)) {
    return [];
  }
  const comparisons =
    condition.type === "comparison_operator" ? [condition] : condition.descendantsOfType("comparison_operator");
  const sides = comparisons
    .filter(({ namedChildren }) => namedChildren.some(({ text }) => BEST.test(text)))
    .flatMap(({ namedChildren }) => namedChildren.filter(({ text }) => !BEST.test(text)));
  if (!keepsMore(node.childForFieldName("consequence"), sides)) {
    return [];
  }
  const test = sides.map((side) => measuredOn(side, node, code)).find((name) => name !== undefined);
  return test === undefined
    ? []
    : [
        {
          node: condition,
          message: `The best one is picked by \`${test}\` here, so the test set tunes the model and its score is too good. Pick it by a validation part, and look at the test set once, at the end.`,
        },
      ];
}

/** Whether what is done with a better number keeps anything besides it: a checkpoint, a model, its settings. */
function keepsMore(consequence: PythonNode | null, sides: readonly PythonNode[]): boolean {
  const compared = new Set(sides.flatMap((side) => namesIn(side)));
  return (
    KEPT.test(consequence?.text ?? "") ||
    (consequence?.descendantsOfType("assignment") ?? []).some((assignment) => {
      const right = assignment.childForFieldName("right");
      const values = right?.type === "expression_list" || right?.type === "tuple" ? right.namedChildren : [right];
      return (
        BEST.test(assignment.childForFieldName("left")?.text ?? "") &&
        values.some((value) => {
          const names = namesIn(value);
          return names.length > 0 && !names.some((name) => compared.has(name));
        })
      );
    })
  );
}

const RESULTS = /score|acc|result|loss|f1|auc|err|metric|perf/i;

const PICKED = /best|winner|winning|chosen|selected/i;

/** `best = max(scores, key=scores.get)`, where the scores are those of the test set. */
function pickedBest(call: ScopedCall, code: AuditedCode): RuleHit[] {
  const [results] = call.positional;
  const isPick = /^(?:max|min)$/.test(call.callee) && call.keywords.has("key");
  const name = results && namesIn(results).find((each) => RESULTS.test(each));
  if (!results || !isPick || name === undefined || !call.targets.some((target) => PICKED.test(target))) {
    return [];
  }
  const test = measuredOn(results, call.node, code);
  return test === undefined
    ? []
    : [
        {
          node: call.node,
          message: `\`${call.targets.join(", ")}\` is picked by \`${test}\` here, so the test set chooses the model and its score is too good. Choose by cross-validation or a validation part, and look at the test set once, at the end.`,
        },
      ];
}

/** The test data behind a number: in its own name, in what it was computed from, or in the loop that added it up. */
function measuredOn(side: PythonNode, before: PythonNode, code: AuditedCode): string | undefined {
  const scopeId = code.assignments.find(
    ({ start, targets }) => start < before.startIndex && namesIn(side).some((name) => targets.includes(name)),
  )?.scopeId;
  const known = new Set<string>();
  const open = [side];
  for (let value = open.pop(); value; value = open.pop()) {
    if (namesValidation(value)) {
      return undefined;
    }
    const test = namesTest(value);
    if (test !== undefined) {
      return test;
    }
    for (const name of namesIn(value).filter((each) => !known.has(each))) {
      known.add(name);
      const added = addedInLoop(name, before, code);
      if (added !== undefined) {
        return added;
      }
      const given = code.assignments.findLast(
        (each) => each.scopeId === scopeId && each.start < before.startIndex && each.targets.includes(name),
      );
      open.push(...(given ? [given.value] : []), ...appendedTo(name, before, code));
    }
  }
  return undefined;
}

/** What was put into a list, in the same function before a place. */
function appendedTo(name: string, before: PythonNode, code: AuditedCode): PythonNode[] {
  const scope = scopeOf(before).id;
  return code.scoped.flatMap(({ callee, positional: [item], scopeId, start }) =>
    item && callee === `${name}.append` && scopeId === scope && start < before.startIndex ? [item] : [],
  );
}

/** The test loader whose loop adds to a name, of the loops in the same function before a place. */
function addedInLoop(name: string, before: PythonNode, code: AuditedCode): string | undefined {
  const added = code.root
    .descendantsOfType("augmented_assignment")
    .findLast((each) => each.startIndex < before.startIndex && namesIn(each.childForFieldName("left")).includes(name));
  for (let outer = added?.parent; outer && outer.type !== "function_definition"; outer = outer.parent) {
    const rows =
      outer.type === "for_statement" ? namesIn(outer.childForFieldName("right")).find(isTestName) : undefined;
    if (rows !== undefined) {
      return rows;
    }
  }
  return undefined;
}
