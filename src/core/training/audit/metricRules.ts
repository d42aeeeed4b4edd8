import type { PythonNode } from "../../base/pythonSyntax.ts";
import { SPLITTERS } from "./dataUse.ts";
import { FIT } from "./fittedCalls.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";
import { splitPartOf } from "./testParts.ts";

export const METRIC_RULES: readonly MlRule[] = [
  {
    id: "metric-on-training-data",
    severity: "warning",
    about: "a model is measured only on the rows that it was fitted on",
    find: findTrainingMetrics,
  },
];

const METRIC =
  /^(?:(?:balanced_)?accuracy_score|f1_score|fbeta_score|precision_score|recall_score|roc_auc_score|average_precision_score|log_loss|(?:root_)?mean_(?:squared|absolute)(?:_percentage)?_error|r2_score|matthews_corrcoef|cohen_kappa_score|classification_report)$/;

/** Measured by other rows, whatever the names say. */
const CROSS_VALIDATED = /^(?:cross_|GridSearchCV|RandomizedSearchCV|Halving|learning_curve|validation_curve)|CV$/;

const FOLDS = /(?:Fold|ShuffleSplit|TimeSeriesSplit)$/;

const TRAINING_NAME = /(?:^|_)(?:tr|train|training)(?:_|$)|[xy]_?train$/i;

/** A metric with the rows it was computed on. */
type Measured = { call: ScopedCall; data: PythonNode };

function findTrainingMetrics(code: AuditedCode): RuleHit[] {
  const isFolded = code.scoped.some(({ method }) => FOLDS.test(method));
  if (code.scoped.some(({ method }) => CROSS_VALIDATED.test(method)) || (isFolded && !leavesFoldsOut(code))) {
    return [];
  }
  const measured = measurements(code);
  const isSplit = code.scoped.some(({ method }) => SPLITTERS.has(method));
  const isOnFittedRows = (each: Measured) => {
    if (isFolded) {
      return isTrainingFold(each.data);
    }
    return isSplit ? isTrainingPart(each, code) : isFittedData(each, code);
  };
  const onTraining = measured.filter(
    (each) => !isNamedTraining(each.call) && (isTrainingData(each.data) || isOnFittedRows(each)),
  );
  // A training score beside a held-out one shows how far the model overfits, and is meant.
  return onTraining.length < measured.length || readsHeldOut(code)
    ? []
    : onTraining.map(({ call, data }) => ({
        node: call.node,
        message: `\`${call.method}\` is computed on \`${data.text.slice(0, 60)}\`, which the model was fitted on, so it says how well the model remembers. Compute it on rows that were held out before fitting, or use \`cross_val_score\`.`,
      }));
}

function measurements(code: AuditedCode): Measured[] {
  return code.scoped.flatMap((call): Measured[] => {
    const [first, second] = call.positional;
    if (call.method === "score" && first && second) {
      return [{ call, data: first }];
    }
    const data = METRIC.test(call.method) && first && second ? (predictedData(call, code) ?? first) : undefined;
    return data === undefined ? [] : [{ call, data }];
  });
}

const PREDICTION = /^(?:predict|predict_proba|decision_function)$/;

/** `X` of `metric(y, model.predict(X))`, also where the prediction has a name. */
function predictedData({ positional, scopeId, node }: ScopedCall, code: AuditedCode): PythonNode | undefined {
  for (const argument of positional.slice(0, 2)) {
    const value =
      argument.type === "identifier"
        ? code.assignments.findLast(
            ({ targets, start, scopeId: scope }) =>
              scope === scopeId && start < node.startIndex && targets.includes(argument.text),
          )?.value
        : argument;
    const call = code.scoped.find(
      (each) =>
        value !== undefined &&
        PREDICTION.test(each.method) &&
        each.start >= value.startIndex &&
        each.end <= value.endIndex,
    );
    if (call?.positional[0]) {
      return call.positional[0];
    }
  }
  return undefined;
}

/** `train_score = …` and `print("Training score", …)` say what it is. */
function isNamedTraining({ node, targets }: ScopedCall): boolean {
  let statement = node;
  while (statement.parent && !/^(?:block|module)$/.test(statement.parent.type)) {
    statement = statement.parent;
  }
  return (
    targets.some((name) => TRAINING_NAME.test(name)) ||
    statement.descendantsOfType("string").some(({ text }) => /train/i.test(text))
  );
}

function isTrainingData(data: PythonNode): boolean {
  return namesTraining(namesIn(data));
}

/** `X[train_index]`, of which the rows are those of a fold that is trained on. */
function isTrainingFold(data: PythonNode): boolean {
  const [rows, ...others] = data.type === "subscript" ? data.childrenForFieldName("subscript") : [];
  return others.length === 0 && namesTraining(namesIn(rows));
}

function namesTraining(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => TRAINING_NAME.test(name));
}

/** Whether a file loops over folds, and looks at the rows that they hold out in no loop. */
function leavesFoldsOut({ root }: AuditedCode): boolean {
  const loops = root
    .descendantsOfType("for_statement")
    .filter((loop) => /\.split\(/.test(loop.childForFieldName("right")?.text ?? ""));
  return (
    loops.length > 0 &&
    loops.every((loop) => {
      const [heldOut, ...others] = namesIn(loop.childForFieldName("left")).filter((name) => !TRAINING_NAME.test(name));
      const used = namesIn(loop.childForFieldName("body"));
      return heldOut !== undefined && [heldOut, ...others].every((name) => isFoldCount(name) || !used.includes(name));
    })
  );
}

/** `fold` and `i` of `for fold, (train, test) in enumerate(…)`. */
function isFoldCount(name: string): boolean {
  return /^(?:i|k|n|_|fold\w*|split\w*)$/.test(name);
}

/** The very expression that the last `fit` before was given, of a file that divides nothing. */
function isFittedData({ call, data }: Measured, code: AuditedCode): boolean {
  const isBefore = (node: PythonNode) => node.startIndex < call.node.startIndex;
  const fit = code.scoped.findLast(
    ({ method, node, scopeId }) => method === "fit" && scopeId === call.scopeId && isBefore(node),
  );
  const owner = call.method === "score" ? ownerOf(call)?.text : undefined;
  const isSameModel = fit !== undefined && (owner === undefined || ownerOf(fit)?.text === owner);
  const names = namesIn(data);
  const isReplaced = code.assignments.some(
    ({ start, targets }) =>
      fit !== undefined &&
      start > fit.node.startIndex &&
      start < call.node.startIndex &&
      targets.some((name) => names.includes(name)),
  );
  return isSameModel && data.type === "identifier" && fit.positional[0]?.text === data.text && !isReplaced;
}

/** The part of a split that a model of this file was fitted on, whatever it is called. */
function isTrainingPart({ call, data }: Measured, code: AuditedCode): boolean {
  return (
    data.type === "identifier" &&
    splitPartOf(data.text, call, code)?.isHeldOut === false &&
    code.scoped.some(({ method, positional }) => FIT.test(method) && positional[0]?.text === data.text)
  );
}

const HELD_OUT_NAME =
  /^(?:x|y|X|Y)_?(?:test|val|valid|dev|holdout)$|^(?:test|val|valid)_(?:x|y|X|Y|data|df|set|loader)$/;

/**
 * Something else in the file looks at held-out rows: an evaluation that these rules do not know as one. The split itself
 * only makes them.
 */
function readsHeldOut({ root, scoped }: AuditedCode): boolean {
  const parts = scoped
    .filter(({ method }) => method === "train_test_split")
    .map(({ node }) => (node.parent?.type === "assignment" ? node.parent.childForFieldName("left") : null))
    .map((left) => left?.namedChildren.filter(({ type }) => type === "identifier") ?? []);
  const made = new Set(parts.flat().map(({ id }) => id));
  const heldOut = new Set(
    parts.flatMap((names) => names.flatMap(({ text }, index) => (index % 2 === 1 ? [text] : []))),
  );
  return root
    .descendantsOfType("identifier")
    .some(({ id, text }) => !made.has(id) && (heldOut.has(text) || HELD_OUT_NAME.test(text)));
}
