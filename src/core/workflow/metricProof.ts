/* When a metric counts as at least as good as its baseline, and when a number may be a baseline at all. */

export type MetricDirection = "min" | "max";

/** Whether a result meets or exceeds its baseline. */
export function meetsBaseline(value: number, baseline: number, direction: MetricDirection): boolean {
  return direction === "min" ? value <= baseline : value >= baseline;
}

/** They say on which part of the data a metric was measured, and not which metric it is. */
const SETS = new Set("train training val valid validation eval dev test best final last mean".split(" "));
const TRAINING = new Set(["train", "training"]);

/** Two ways to write one metric. */
const SHORT: Readonly<Record<string, string>> = { acc: "accuracy", err: "error", ppl: "perplexity" };

/** Between a metric and its number stands at most this: what stands further away says something of something else. */
const MAX_GAP = 6;
const GAP = new Set(
  "of at least most is was be should must shall has to reach reaches above below more less than about the a baseline target threshold minimum maximum |".split(
    " ",
  ),
);

/** What may follow a number that stands for itself; any other word is what it counts, as in `5 folds`. */
const FOLLOWING = new Set("on in or and for at with to by as is was but than if when baseline".split(" "));

const TOKEN = /(?<number>(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?!\w|\.\d)(?:\s*%)?)|[\p{L}\d]+|[|.;,!?]/giu;

type Token = { text: string; isNumber: boolean };

/** Whether two names mean one metric: `val_acc` and `test.accuracy` do, measured on data that training did not see. */
export function isSameMetric(a: string, b: string): boolean {
  return coreOf(a).join(" ") === coreOf(b).join(" ") && isOfTraining(wordsOf(a)) === isOfTraining(wordsOf(b));
}

/**
 * Whether a number was agreed to as a baseline: it stands close behind the name of the metric in what the person said or
 * approved. Who is measured could otherwise choose the mark to be measured against.
 */
export function isAgreedBaseline(baseline: number, metric: string, agreed: readonly string[]): boolean {
  return agreed.some((text) => text.split("\n").some((line) => numbersBehind(metric, line).includes(baseline)));
}

function numbersBehind(metric: string, line: string): number[] {
  const name = coreOf(metric);
  const tokens = [...line.replaceAll("_", " ").matchAll(TOKEN)].map(
    ({ 0: text, groups }): Token => ({ text: text.toLowerCase(), isNumber: groups?.["number"] !== undefined }),
  );
  return tokens.flatMap((_token, start) => {
    const isNamed = name.length > 0 && name.every((word, at) => longForm(tokens[start + at]?.text ?? "") === word);
    const before = tokens[start - 1]?.text ?? "";
    const isOfOtherData = SETS.has(before) && TRAINING.has(before) !== isOfTraining(wordsOf(metric));
    return isNamed && !isOfOtherData ? firstNumber(tokens.slice(start + name.length)) : [];
  });
}

/** `97 %` is 0.97 and 97. */
function firstNumber(tokens: readonly Token[]): number[] {
  const at = tokens.findIndex(({ text }) => !GAP.has(text));
  const [found, next] = at === -1 ? [] : tokens.slice(at);
  const isCount = next !== undefined && /^[\p{L}\d]/u.test(next.text) && !FOLLOWING.has(next.text);
  if (found?.isNumber !== true || at > MAX_GAP || isCount) {
    return [];
  }
  const value = Number.parseFloat(found.text);
  return found.text.endsWith("%") ? [value, Number((value / 100).toPrecision(12))] : [value];
}

/** The words that say which metric it is: those of the last part of `test/accuracy`, without the part of the data. */
function coreOf(metric: string): string[] {
  const [last = ""] = metric.split(/[/.]/).slice(-1);
  return wordsOf(last)
    .filter((word) => !SETS.has(word))
    .map(longForm);
}

function longForm(word: string): string {
  return Object.hasOwn(SHORT, word) ? (SHORT[word] ?? word) : word;
}

function isOfTraining(words: readonly string[]): boolean {
  return words.some((word) => TRAINING.has(word));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}
