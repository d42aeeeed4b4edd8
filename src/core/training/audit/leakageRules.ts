import { dottedName } from "../../base/pythonSyntax.ts";
import { FIT, isPreprocessing } from "./fittedCalls.ts";
import type { MlRule } from "./mlRule.ts";
import { cutByPosition, cutsRows } from "./positionCuts.ts";
import { type AuditedCode, classOf, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";
import { assignmentAround, derivedNames, isSearch, splitOf, splitOfReturned, statementOf } from "./splitFlow.ts";
import { SPLIT_RULES } from "./splitRules.ts";
import { findStatisticsBeforeSplit } from "./statisticsRule.ts";
import { findChoiceByTest } from "./testChoice.ts";
import { isTestName, learnedPart, splitPartOf, testRowsIn, validationRowsIn } from "./testParts.ts";
import { findTrainingOnTest } from "./trainOnTest.ts";

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
  ...SPLIT_RULES,
];

function findFitBeforeSplit(code: AuditedCode) {
  return code.scoped
    .filter((call) => isPreprocessing(call, code) && (call.method !== "fit" || isAppliedLater(call, code)))
    .flatMap((call) => {
      const names = namesIn(call.positional[0]);
      const isPart = names.some((name) => splitPartOf(name, call, code) !== undefined);
      const { split, line } = splitAfterFit(call, code, isPart);
      const made = classOf(ownerOf(call), code) ?? "";
      // The test set is apart already, and a validation part that was scaled with the rest is nearly as good; what was chosen
      // by the target is not. And a search without a target compares settings, of which what scaled all rows favours none.
      const isCompared = split !== undefined && isSearch(split, code);
      const isAside = isPart && (isCompared || split === undefined || split.method === "train_test_split");
      const isMinor = call.positional.length === 1 && (isAside || (isCompared && !hasTarget(split)));
      return line !== undefined && !isMinor
        ? [
            {
              node: call.node,
              message: `\`${made}\` is fitted here on ${isPart ? "the whole training part" : "all rows"}, and line ${line + 1} splits them afterwards, so it knows the held-out rows. Split first, then fit on the training part alone, or put it into a Pipeline.`,
            },
          ]
        : [];
    });
}

/** What splits the rows that a fit has seen: after it, or where a caller gets them. A cut by position has a line alone. */
function splitAfterFit(call: ScopedCall, code: AuditedCode, isPart: boolean): { split?: ScopedCall; line?: number } {
  const from = { scopeId: call.scopeId, start: statementOf(call.node).startIndex };
  const fitted = fittedNames(call, code);
  const own = splitOf(code, fitted, from);
  // What is handed straight on changes no rows that have a name, unless it is what is split.
  const isHandedOn = assignmentAround(call, code) === undefined && !isAppliedLater(call, code);
  const isWithin = own !== undefined && own.start <= call.start && own.end >= call.end;
  const changed = isHandedOn ? [] : wholeAmong(fitted, call, code);
  const isReturnable = !isPart && !(call.method === "fit" && cutsRows(call.positional[0]));
  const found =
    (isHandedOn && !isWithin ? undefined : own) ?? (isReturnable ? splitOfReturned(code, changed, call) : undefined);
  const line = (found ?? cutByPosition(code, changed, from))?.line;
  return { ...(found === undefined ? {} : { split: found }), ...(line === undefined ? {} : { line }) };
}

function hasTarget({ positional, keywords }: ScopedCall): boolean {
  return positional.length > 1 || keywords.has("y");
}

/** The names of rows that know all others after a fit: what it gave, and what it saw where it is applied to that later. */
function fittedNames(call: ScopedCall, code: AuditedCode): string[] {
  const given = assignmentAround(call, code)?.targets ?? [];
  return given.length === 0 || isAppliedLater(call, code) ? [...namesIn(call.positional[0]), ...given] : [...given];
}

/** The names of which a fit has seen all rows: after `fit(x[:n])` not those that it is applied to later. */
function wholeAmong(fitted: readonly string[], call: ScopedCall, code: AuditedCode): readonly string[] {
  const [data] = call.positional;
  const seen = namesIn(data);
  const isCut = cutsRows(data);
  if (!isCut && !seen.some((name) => isCutFromOthers(name, call, code))) {
    return fitted;
  }
  const isGiven = (name: string) => call.method !== "fit" && !seen.includes(name);
  return fitted.filter((name) => isGiven(name) || (!isCut && seen.includes(name)));
}

/** `train_raw = x[:n]`, and not `x = x[x > 0]`, after which `x` has no other rows. */
function isCutFromOthers(name: string, { scopeId, start }: ScopedCall, { assignments }: AuditedCode): boolean {
  const given = assignments.findLast(
    (each) => each.scopeId === scopeId && each.start < start && each.targets.includes(name),
  );
  return given !== undefined && cutsRows(given.value) && !namesIn(given.value).includes(name);
}

/** What is only fitted, to be looked at, changes no rows. */
function isAppliedLater(call: ScopedCall, { scoped, assignments }: AuditedCode): boolean {
  const names = [...call.targets, dottedName(ownerOf(call))].filter((name) => name !== undefined);
  const start = statementOf(call.node).startIndex;
  const next = assignments.find((each) => each.start > start && each.targets.some((name) => names.includes(name)));
  return scoped.some(
    ({ callee, node }) =>
      node.startIndex >= call.end &&
      node.startIndex < (next?.start ?? Infinity) &&
      names.some((name) => callee === `${name}.transform` || callee === `${name}.fit_transform`),
  );
}

function findFitOnTest(code: AuditedCode) {
  return code.scoped.flatMap((call) => {
    const [data] = isPreprocessing(call, code) ? call.positional : [];
    const name = data && (testRowsIn(data) ?? validationRowsIn(data) ?? learnedPart(call, code));
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
    const test = names.find(isTestName);
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
