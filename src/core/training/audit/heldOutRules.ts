import { stringOf } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import { EVALUATING_SPLIT, SPLITTERS } from "./dataUse.ts";
import { mayFitModel } from "./fittedCalls.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { type AuditedCode, classOf, ownerOf, type ScopedCall } from "./scopedCalls.ts";

export const HELD_OUT_RULES: readonly MlRule[] = [
  {
    id: "no-validation",
    severity: "warning",
    about: "a model is trained and nothing is held out",
    find: findMissingValidation,
  },
];

/** A name, an attribute or an argument that speaks of held-out data. */
const HELD_OUT =
  /\b\w*(?:valid(?:ation|ate|_|\b)|(?:^|_|\b)val_|_val\b|\bval\b|eval\b|eval_|evaluat|dev_set|dev_loader|test_loader|x_test|test_set|test_ds|hold_?out|cross_val|early_stopping|GridSearchCV|KFold)\w*/i;

/** A part of the data by its name: `for phase in ["train", "val"]`, `splits["validation"]`. */
const HELD_OUT_PART = /^(?:val|valid|validation|eval|dev|test|hold_?out)$/i;

/** What takes a part of the data by its name, as a keyword and as a call: `split="test"`, `os.path.join(root, "val")`. */
const PART_KEYWORD = /^(?:split|subset|partition|phase|stage|mode|fold)$/;
const PART_CALL = /load|data|split|subset|path|join|read/i;

/**
 * Generators are judged by what they make, agents by their reward, and embeddings by the task that they are used for: none of
 * them has rows to hold out.
 */
const WITHOUT_HELD_OUT =
  /\b(?:\w*(?:skip_?gram|word2vec|simclr|nt_?xent)\w*|cbow|discriminator|netD|d_(?:loss|opt\w*)|(?:loss|opt\w*)_d|save_image|diffusers|gymnasium|gym|env\.step)\b/i;

function isOptimizing({ method, callee }: ScopedCall): boolean {
  return method === "backward" || /(?:^|\.)optim\w*\.step$/.test(callee);
}

/** An optimizer, or an operation of its own, only passes `backward` or `step` on. */
function isPartOfLoop({ node, scopeId, method }: ScopedCall, { scoped }: AuditedCode): boolean {
  const other = method === "backward" ? "step" : "backward";
  let outer = node.parent;
  while (outer && !/^(?:function_definition|for_statement|while_statement)$/.test(outer.type)) {
    outer = outer.parent;
  }
  return (
    outer?.type !== "function_definition" || scoped.some((call) => call.scopeId === scopeId && call.method === other)
  );
}

function findMissingValidation(code: AuditedCode): RuleHit[] {
  const training = code.scoped.find((call) =>
    isOptimizing(call) ? isPartOfLoop(call, code) : /^(?:fit|train)$/.test(call.method) && isModelTraining(call, code),
  );
  return training && !holdsOutData(code) && !WITHOUT_HELD_OUT.test(code.root.text)
    ? [
        {
          node: training.node,
          // A library's loop may hold data out by its own settings; a loop of the script's own cannot.
          ...(/^(?:fit|train)$/.test(training.method) ? { severity: "information" as const } : {}),
          message:
            "The model is trained here, and nothing in this file is held out to judge it. Split off a validation part and measure it every epoch.",
        },
      ]
    : [];
}

export function holdsOutData({ root, scoped }: AuditedCode): boolean {
  return (
    scoped.some(({ method }) => SPLITTERS.has(method) || EVALUATING_SPLIT.test(method)) ||
    root.descendantsOfType("identifier").some(({ text }) => HELD_OUT.test(text)) ||
    root.descendantsOfType("string").some((node) => HELD_OUT_PART.test(stringOf(node) ?? "") && isPartName(node))
  );
}

/** Whether a string stands where parts of the data are named; a run or a server may be called "test" as well. */
function isPartName(node: PythonNode): boolean {
  const { parent } = node;
  if (!parent) {
    return false;
  }
  switch (parent.type) {
    case "subscript":
    case "binary_operator":
    case "comparison_operator":
      return true;
    case "pair":
      return parent.childForFieldName("key")?.id === node.id;
    case "keyword_argument":
      return PART_KEYWORD.test(parent.childForFieldName("name")?.text ?? "");
    case "argument_list":
      return PART_CALL.test(parent.parent?.childForFieldName("function")?.text ?? "");
    case "list":
    case "tuple":
    case "set":
      return parent.parent?.type.startsWith("for_") === true;
    default:
      return false;
  }
}

/** `model.train()` only switches the mode; `trainer.train()` and `model.fit(X)` train. */
function isModelTraining(call: ScopedCall, code: AuditedCode): boolean {
  const owner = ownerOf(call)?.text ?? "";
  return call.method === "train"
    ? /trainer$/i.test(owner) || classOf(ownerOf(call), code)?.endsWith("Trainer") === true
    : owner !== "" && call.positional.length + call.keywords.size > 0 && mayFitModel(call, code);
}
