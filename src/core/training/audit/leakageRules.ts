import { dottedName, type PythonNode } from "../../base/pythonSyntax.ts";
import { EVALUATING_SPLIT, isSeeded, SPLITTERS } from "./dataUse.ts";
import { FIT, isPreprocessing } from "./fittedCalls.ts";
import type { MlRule } from "./mlRule.ts";
import { type AuditedCode, classOf, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";

/*
 * How a score gets better than the model is, as far as the text of a script tells. The rules follow names within one
 * function or the top of the file; what travels through files, arguments or dictionaries they do not see. So a rule
 * says what it saw, and nothing is proven by their silence.
 */

export const LEAKAGE_RULES: readonly MlRule[] = [
  {
    id: "fit-before-split",
    severity: "warning",
    about: "preprocessing is fitted on rows that are held out later",
    find: findFitBeforeSplit,
  },
  {
    id: "statistics-before-split",
    severity: "warning",
    about: "data are scaled by a mean or deviation of all rows before they are split",
    find: findStatisticsBeforeSplit,
  },
  {
    id: "train-on-test-data",
    severity: "error",
    about: "the model is trained on the test set",
    find: findTrainingOnTest,
  },
  {
    id: "fit-on-test-data",
    severity: "warning",
    about: "preprocessing is fitted anew on held-out data",
    find: findFitOnTest,
  },
  {
    id: "choose-by-test-data",
    severity: "warning",
    about: "the test set decides about epochs or settings",
    find: findChoiceByTest,
  },
  {
    id: "joined-with-test-data",
    severity: "warning",
    about: "training and test rows are put together",
    find: findJoinedSets,
  },
  {
    id: "shuffled-time-series",
    severity: "warning",
    about: "rows in order of time are split at random",
    find: findShuffledTime,
  },
  {
    id: "split-without-seed",
    severity: "information",
    about: "each run is judged by other rows",
    find: findUnseededSplits,
  },
];

/** A pipeline fits its parts inside each fold, which is how it should be done. */
function splitsAfter(code: AuditedCode, scopeId: number, start: number): ScopedCall[] {
  return code.scoped.filter((call) => {
    const { method, node, scopeId: scope } = call;
    return (
      scope === scopeId &&
      node.startIndex > start &&
      (SPLITTERS.has(method) || EVALUATING_SPLIT.test(method) || isFoldSplit(call, code))
    );
  });
}

/** `cv.split(X)`, and not that of a text. */
function isFoldSplit(call: ScopedCall, code: AuditedCode): boolean {
  const owner = call.method === "split" ? ownerOf(call) : undefined;
  return (
    owner !== undefined && (SPLITTERS.has(classOf(owner, code) ?? "") || /(?:cv|folds?|splitter|kf)$/i.test(owner.text))
  );
}

/** The names that hold what `names` held at `start`, or what was made of them before `end`. */
function derivedNames(
  code: AuditedCode,
  names: readonly string[],
  span: { scopeId: number; start: number; end: number },
): Set<string> {
  const derived = new Set(names);
  for (const { scopeId, start, targets, value } of code.assignments) {
    if (scopeId === span.scopeId && start > span.start && start < span.end) {
      const isDerived = namesIn(value).some((name) => derived.has(name));
      // A name that gets other rows, or another model, does not hold these any more.
      targets.forEach((target) => (isDerived ? derived.add(target) : derived.delete(target)));
    }
  }
  return derived;
}

/** The first split after a place that divides what was looked at there. */
function splitOf(code: AuditedCode, names: readonly string[], from: { scopeId: number; start: number }) {
  return splitsAfter(code, from.scopeId, from.start).find((split) => {
    const derived = derivedNames(code, names, { ...from, end: split.node.startIndex });
    return [...split.positional, ...split.keywords.values()].some((argument) =>
      namesIn(argument).some((name) => derived.has(name)),
    );
  });
}

function findFitBeforeSplit(code: AuditedCode) {
  return code.scoped
    .filter((call) => isPreprocessing(call, code) && isApplied(call, code))
    .flatMap((call) => {
      const names = namesIn(call.positional[0]);
      const start = statementStart(call.node);
      const split = splitOf(code, [...names, ...call.targets], { scopeId: call.scopeId, start });
      const made = classOf(ownerOf(call), code) ?? "";
      return split
        ? [
            {
              node: call.node,
              message: `\`${made}\` is fitted here on all rows, and line ${split.line + 1} splits them afterwards, so it knows the held-out rows. Split first, then fit on the training part alone, or put it into a Pipeline.`,
            },
          ]
        : [];
    });
}

/** What is only fitted, to be looked at, changes no rows. */
function isApplied(call: ScopedCall, { scoped, assignments }: AuditedCode): boolean {
  const names = [...call.targets, dottedName(ownerOf(call))].filter((name) => name !== undefined);
  const start = statementStart(call.node);
  const next = assignments.find((each) => each.start > start && each.targets.some((name) => names.includes(name)));
  return (
    call.method !== "fit" ||
    scoped.some(
      ({ callee, node }) =>
        node.startIndex > start &&
        node.startIndex < (next?.start ?? Infinity) &&
        names.some((name) => callee === `${name}.transform` || callee === `${name}.fit_transform`),
    )
  );
}

const STATISTIC = /^(?:mean|std|var|min|max|median|quantile|amin|amax|nanmean|nanstd)$/;

function findStatisticsBeforeSplit(code: AuditedCode) {
  const statistics = code.scoped.filter(({ method }) => STATISTIC.test(method));
  return code.assignments.flatMap(({ value, scopeId, start, targets }) => {
    const { startIndex, endIndex } = value;
    const statistic = statistics.find((call) => call.start >= startIndex && call.end <= endIndex);
    const isScaling = value.type === "binary_operator" && /[-/]/.test(value.text);
    if (!statistic || !isScaling) {
      return [];
    }
    const split = splitOf(code, targets, { scopeId, start });
    return split
      ? [
          {
            node: value,
            message: `All rows are scaled by \`${statistic.method}\` of all rows, and line ${split.line + 1} splits them afterwards. Compute it on the training part and use it for every part.`,
          },
        ]
      : [];
  });
}

const TEST_NAME =
  /(?:^|_)(?:test|holdout|hold_out)(?:$|_)|^(?:x|y|X|Y)_?test$|^test(?:_?(?:set|loader|data|ds|df|x|y))?$/i;

function namesTest(node: PythonNode | undefined): string | undefined {
  const name = namesIn(node).find((each) => TEST_NAME.test(each) && !/train/i.test(each));
  return name ?? /(?<=\.)test\b/.exec(node?.type === "attribute" ? node.text : "")?.[0];
}

/** Optimizer steps in a loop over the test loader, or a model's `fit` that is given the test set. */
function findTrainingOnTest(code: AuditedCode) {
  const fits = code.scoped.flatMap((call) => {
    const name = call.method === "fit" && !isPreprocessing(call, code) ? namesTest(call.positional[0]) : undefined;
    return name === undefined ? [] : [{ node: call.node, message: onTest(name) }];
  });
  const loops = code.root.descendantsOfType("for_statement").flatMap((loop) => {
    const name = namesTest(loop.childForFieldName("right") ?? undefined);
    const step = code.calls.find(
      ({ method, callee, node }) =>
        (method === "backward" || /optim\w*\.step$/.test(callee)) &&
        node.startIndex > loop.startIndex &&
        node.endIndex <= loop.endIndex,
    );
    return name !== undefined && step ? [{ node: step.node, message: onTest(name) }] : [];
  });
  return [...fits, ...loops];
}

function onTest(name: string): string {
  return `The model learns from \`${name}\` here, so nothing is left that can judge it. Train on the training part; the test set is looked at once, at the end.`;
}

function findFitOnTest(code: AuditedCode) {
  return code.scoped.flatMap((call) => {
    const [data] = isPreprocessing(call, code) ? call.positional : [];
    const name = namesTest(data) ?? namesIn(data).find((each) => /(?:^|_)val(?:id|idation)?(?:$|_)/i.test(each));
    return name === undefined
      ? []
      : [
          {
            node: call.node,
            message: `\`${call.method}\` fits on \`${name}\`, which is held out. Fit on the training part, and only \`transform\` here.`,
          },
        ];
  });
}

const CHOOSING = /^(?:validation_data|eval_set|eval_dataset|valid_sets|val_dataloaders)$/;

function findChoiceByTest(code: AuditedCode) {
  return code.scoped.flatMap((call) =>
    [...call.keywords].flatMap(([keyword, value]) => {
      const name = CHOOSING.test(keyword) ? namesTest(value) : undefined;
      return name === undefined
        ? []
        : [
            {
              node: value,
              message: `\`${keyword}\` is \`${name}\`: what stops the training or picks the best epoch by the test set tunes the model on it. Hold out a validation part of the training data.`,
            },
          ];
    }),
  );
}

const JOINERS = /^(?:concat|concatenate|vstack|hstack|append|ConcatDataset|cat|extend|concatenate_datasets)$/;

/** Arrays are also put together for a picture. */
const ARRAY_JOINERS = /^(?:concatenate|vstack|hstack|append|cat)$/;

/** Whether a model or a preprocessing is fitted on what a call gives. */
function isFittedOn({ node, targets, scopeId }: ScopedCall, code: AuditedCode): boolean {
  return code.scoped.some((fit) => {
    const given = FIT.test(fit.method) ? fit.positional[0] : undefined;
    if (given === undefined || fit.scopeId !== scopeId || fit.node.startIndex < node.startIndex) {
      return given !== undefined && node.startIndex >= given.startIndex && node.endIndex <= given.endIndex;
    }
    const derived = derivedNames(code, targets, { scopeId, start: node.endIndex, end: fit.node.startIndex });
    return namesIn(given).some((name) => derived.has(name));
  });
}

/** Numbers of both sets side by side are a table, and no rows. */
const RESULT =
  /score|error|loss|acc|metric|rmse|mse|mae|auc|r2|pred|prob|time|size|len|curve|mean|std|index|idx|result|report/i;

function findJoinedSets(code: AuditedCode) {
  return code.scoped.flatMap((call) => {
    const isJoined = JOINERS.test(call.method) && (!ARRAY_JOINERS.test(call.method) || isFittedOn(call, code));
    const names = isJoined ? call.positional.flatMap(namesIn).filter((name) => !RESULT.test(name)) : [];
    const test = names.find((name) => TEST_NAME.test(name) && !/train/i.test(name));
    const train = names.find((name) => /(?:^|_)train/i.test(name));
    return test === undefined || train === undefined
      ? []
      : [
          {
            node: call.node,
            message: `\`${train}\` and \`${test}\` are put together. Whatever is fitted on the result has seen the test set.`,
          },
        ];
  });
}

const TIME_COLUMN = /["'](?:date|datetime|timestamp|time|ds|day|month|week|year_month)["']/i;

/** The place that says the rows have an order in time. */
function timeEvidence({ scoped }: AuditedCode): ScopedCall | undefined {
  return scoped.find(
    ({ method, positional, keywords }) =>
      (/^(?:sort_values|set_index|sort)$/.test(method) &&
        [positional[0], keywords.get("by")].some((node) => node !== undefined && TIME_COLUMN.test(node.text))) ||
      /^(?:resample|rolling|asfreq)$/.test(method) ||
      keywords.has("parse_dates"),
  );
}

function findShuffledTime(code: AuditedCode) {
  const evidence = timeEvidence(code);
  if (!evidence) {
    return [];
  }
  return code.scoped.filter(isRandomSplit).map(({ node, method }) => ({
    node,
    message: `Line ${evidence.line + 1} treats the rows as ordered in time (\`${evidence.method}\`), and \`${method}\` mixes past and future here. Cut at a point in time: \`shuffle=False\`, or TimeSeriesSplit.`,
  }));
}

function isRandomSplit({ method, keywords }: ScopedCall): boolean {
  const shuffle = keywords.get("shuffle")?.text;
  return (
    (method === "train_test_split" && shuffle !== "False") ||
    method === "random_split" ||
    method === "ShuffleSplit" ||
    (method.endsWith("KFold") && shuffle === "True")
  );
}

/** Seeds the generator that splits without one of their own draw from. */
const SEEDS = /^(?:seed|manual_seed|seed_everything|set_seed|set_random_seed|seed_all|init_seeds)$/;

function findUnseededSplits(code: AuditedCode) {
  if (code.scoped.some(({ method }) => SEEDS.test(method))) {
    return [];
  }
  return code.scoped
    .filter((call) => SPLITTERS.has(call.method) && !isSeeded(call, code.constants))
    .map((call) => ({
      node: call.node,
      message: `\`${call.method}\` draws other rows in every run, so two runs cannot be compared. Give it ${call.method === "random_split" ? "a seeded `generator`" : "`random_state`"}.`,
    }));
}

function statementStart(node: PythonNode): number {
  let statement = node;
  while (statement.parent && statement.parent.type !== "block" && statement.parent.type !== "module") {
    statement = statement.parent;
  }
  return statement.startIndex;
}
