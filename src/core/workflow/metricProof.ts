/* When a metric counts as at least as good as its baseline, and when a number may be a baseline at all. */

export type MetricDirection = "min" | "max";

/** Whether a result meets or exceeds its baseline. */
export function meetsBaseline(value: number, baseline: number, direction: MetricDirection): boolean {
  return direction === "min" ? value <= baseline : value >= baseline;
}

/** They say on which part of the data a metric was measured, and not which metric it is. */
const TRAINING = words("train training tr trn");
const SETS = new Set([...TRAINING, ...words("val valid validation eval dev test best final last mean")]);

/** How a metric of several classes is put together. Where a text says nothing of it, any way is meant. */
const AVERAGES = words("macro micro weighted binary");

/** Two ways to write one metric. */
const SHORT: Readonly<Record<string, string>> = { acc: "accuracy", err: "error", ppl: "perplexity" };

/** Between a metric and its number stands at most this: what stands further away says something of something else. */
const MAX_GAP = 8;
const DOWN = words("below less under lower smaller most maximum < <= ≤");
const UP = words("above more higher greater least minimum > >= ≥");
const NEGATION = words("not no never");
const PLACE = words("on the data set split held out");
const GAP = new Set([
  ...DOWN,
  ...UP,
  ...NEGATION,
  ...PLACE,
  ...SETS,
  ...AVERAGES,
  ...words("of at is was be should must shall has to reach reaches drop fall go than or equal about a score |"),
  ...words("baseline target goal threshold"),
]);

/** What may follow a number that stands for itself; any other word is what it counts, as in `5 folds`. */
const FOLLOWING = words(
  "on in or and for at with to by as is was but than if when baseline eur euro euros usd dollars ms s seconds kg km kwh points",
);

/** What says of a number before it that it would be too bad. */
const REFUSING = words("not unacceptable insufficient too");

/** What stands before a number that a metric follows, as in `we need 0.97 accuracy`; a setting would stand there else. */
const ASKING = new Set([
  ...DOWN,
  ...UP,
  ...words("| . ; , than to equal need needs want expect achieve reach reaches get target goal with"),
]);

const GOALS = words("goal target aim");

const TOKEN =
  /(?<number>(?<![\w.]|\d,)-?(?:\d+(?:,\d{3}){2,}|\d+(?:[.,]\d+)?|\.\d+)(?:e-?\d+)?(?!\w|[.,]\d)(?:\s*(?:%|per\s?cent\b))?)|[\p{L}\d]+|(?<![-=])[<>]=?|[≤≥|.;,!?]/giu;

type Token = { text: string; isNumber: boolean };

/** A metric as a proof names it, and whether less or more of it is better. */
type Measured = { name: string; direction: MetricDirection };

/** Whether two names mean one metric: `val_acc` and `test.accuracy` do, measured on data that training did not see. */
export function isSameMetric(a: string, b: string): boolean {
  return coreOf(a).join(" ") === coreOf(b).join(" ") && isOfTraining(wordsOf(a)) === isOfTraining(wordsOf(b));
}

/**
 * Whether a number was agreed to as a baseline: it stands close to the name of the metric in what the person said or
 * approved, as something to be reached. Who is measured could otherwise choose the mark to be measured against. A metric of
 * the training data has only the baselines that say so.
 */
export function isAgreedBaseline(baseline: number, metric: Measured, agreed: readonly string[]): boolean {
  return numbersIn(agreed, metric).some((values) => values.includes(baseline));
}

/**
 * The number that is hardest to reach of those that these texts ask of a metric, undefined where they ask none. `value` is what was
 * measured: beside 0.95, `97 %` is 0.97.
 */
export function strictestBaseline(value: number, metric: Measured, texts: readonly string[]): number | undefined {
  const asked = numbersIn(texts, metric).map((values) =>
    Math.abs(value) <= 1 ? Math.min(...values) : Math.max(...values),
  );
  if (asked.length === 0) {
    return undefined;
  }
  return metric.direction === "min" ? Math.min(...asked) : Math.max(...asked);
}

/** Whether two values of one file are one thing, measured on other parts of the data: a model beside itself. */
export function isSameModel(a: string, b: string): boolean {
  return modelOf(a) === modelOf(b);
}

function modelOf(metric: string): string {
  return wordsOf(metric)
    .filter((word) => !SETS.has(word))
    .map(longForm)
    .join(" ");
}

/** The numbers that stand for a metric in texts, each with the ways to read it. */
function numbersIn(texts: readonly string[], metric: Measured): number[][] {
  return texts.flatMap((text) => text.split("\n").flatMap((line) => numbersFor(metric, line)));
}

function numbersFor({ name, direction }: Measured, line: string): number[][] {
  const core = coreOf(name);
  const own = core.filter((word) => AVERAGES.has(word));
  const base = core.filter((word) => !AVERAGES.has(word));
  const tokens = tokensOf(line);
  return tokens.flatMap((_token, start) => {
    if (base.length === 0 || !base.every((word, at) => longForm(tokens[start + at]?.text ?? "") === word)) {
      return [];
    }
    const end = start + base.length;
    const before = attributesBefore(tokens.slice(0, start));
    const behind = tokens.slice(end);
    return [numberBehind(behind), numberBefore(tokens, start, end), goalBehind(behind), raisedTo(behind)].flatMap(
      (found) => {
        const said = [...before, ...(found?.words ?? [])];
        const averages = said.filter((word) => AVERAGES.has(word));
        const isOther = own.length > 0 && averages.length > 0 && !averages.some((word) => own.includes(word));
        const isMeant = isOfTraining(said) === isOfTraining(wordsOf(name)) && !isOther;
        return found !== undefined && isMeant && isReached(found.words, direction) ? [valuesOf(found.number)] : [];
      },
    );
  });
}

/** A number with what is said of it. */
type Found = { number: string; words: readonly string[] };

/** `accuracy of at least 0.97` */
function numberBehind(tokens: readonly Token[]): Found | undefined {
  const at = tokens.findIndex(({ text }) => !GAP.has(text));
  const [found, next] = at === -1 ? [] : tokens.slice(at);
  const isCount =
    next !== undefined && /^[\p{L}\d]/u.test(next.text) && !FOLLOWING.has(next.text) && !SETS.has(next.text);
  if (found?.isNumber !== true || at > MAX_GAP || isCount || isRefused(tokens.slice(at + 1))) {
    return undefined;
  }
  return { number: found.text, words: [...textsOf(tokens.slice(0, at)), ...dataBehind(tokens.slice(at + 1))] };
}

/** `at least 0.97 accuracy` */
function numberBefore(tokens: readonly Token[], start: number, end: number): Found | undefined {
  const at = tokens.slice(0, start).findLastIndex(({ text }) => !SETS.has(text) && !AVERAGES.has(text));
  const found = tokens[at];
  const asking = tokens[at - 1];
  const isAsked = asking === undefined || ASKING.has(asking.text);
  if (found?.isNumber !== true || !isAsked || isRefused(tokens.slice(end))) {
    return undefined;
  }
  const from = tokens.slice(0, at).findLastIndex(({ text }) => !GAP.has(text) || text === "|") + 1;
  return { number: found.text, words: [...textsOf(tokens.slice(from, at)), ...dataBehind(tokens.slice(end))] };
}

/** `accuracy is 0.6 today, and it has to reach 0.9`, or `accuracy from 0.6 to 0.9` */
function raisedTo(tokens: readonly Token[]): Found | undefined {
  const sentence = sentenceOf(tokens);
  const it = sentence.findIndex(({ text }) => text === "it");
  if (it !== -1) {
    return numberBehind(sentence.slice(it + 1));
  }
  const isRaised = sentence[0]?.text === "from" && sentence[1]?.isNumber === true && sentence[2]?.text === "to";
  return isRaised ? numberBehind(sentence.slice(2)) : undefined;
}

/** `accuracy below 0.5 is not acceptable, 0.97 is the goal` */
function goalBehind(tokens: readonly Token[]): Found | undefined {
  const sentence = sentenceOf(tokens);
  const found = sentence.find(
    ({ isNumber }, at) =>
      isNumber &&
      sentence[at - 1]?.text === "," &&
      sentence[at + 1]?.text === "is" &&
      sentence.slice(at + 2, at + 4).some(({ text }) => GOALS.has(text)),
  );
  return found && { number: found.text, words: [] };
}

function sentenceOf(tokens: readonly Token[]): readonly Token[] {
  const end = tokens.findIndex(({ text }) => /^[|.;!?]$/.test(text));
  return end === -1 ? tokens : tokens.slice(0, end);
}

function isRefused(behind: readonly Token[]): boolean {
  const end = behind.findIndex(({ text }) => /^[|.;,!?]$/.test(text));
  return behind.slice(0, end === -1 ? 4 : Math.min(end, 4)).some(({ text }) => REFUSING.has(text));
}

/** Whether the words before a number ask for what is as good or better: `not below 0.97` does for what should be high. */
function isReached(said: readonly string[], direction: MetricDirection): boolean {
  const bound = said.findLast((word) => DOWN.has(word) || UP.has(word));
  const isDown = bound !== undefined && DOWN.has(bound) !== said.some((word) => NEGATION.has(word));
  return bound === undefined || isDown === (direction === "min");
}

/** What the words right before a metric say of it, as in `macro training set F1`. */
function attributesBefore(tokens: readonly Token[]): string[] {
  const at = tokens.findLastIndex(({ text }) => !SETS.has(text) && !AVERAGES.has(text) && !PLACE.has(text));
  return textsOf(tokens.slice(at + 1));
}

/** The part of the data that is named right behind a number, as in `0.97 on the training data`. */
function dataBehind(tokens: readonly Token[]): string[] {
  const end = tokens.findIndex(({ text }) => !SETS.has(text) && !PLACE.has(text) && !["for", "in"].includes(text));
  return textsOf(end === -1 ? tokens : tokens.slice(0, end)).filter((word) => SETS.has(word));
}

/** `97 %` is 0.97 and 97; `0,97` is written with a decimal comma, and `1,250` with one between thousands. */
function valuesOf(text: string): number[] {
  const isThousands = /^-?[1-9]\d{0,2}(?:,\d{3})+(?!\d)/.test(text);
  const value = Number.parseFloat(isThousands ? text.replaceAll(",", "") : text.replace(",", "."));
  return /[%t]$/i.test(text) ? [value, Number((value / 100).toPrecision(12))] : [value];
}

function tokensOf(line: string): Token[] {
  const plain = splitWords(line).replaceAll("&lt;", "<").replaceAll("&gt;", ">");
  return [...plain.matchAll(TOKEN)].map(
    ({ 0: text, groups }): Token => ({ text: text.toLowerCase(), isNumber: groups?.["number"] !== undefined }),
  );
}

function textsOf(tokens: readonly Token[]): string[] {
  return tokens.map(({ text }) => text);
}

/** The words that say which metric it is: those of the last part of `test/accuracy`, without the part of the data. */
function coreOf(metric: string): string[] {
  const [last = ""] = metric.split(/[/.]/).slice(-1);
  const named = wordsOf(last)
    .filter((word) => !SETS.has(word))
    .map(longForm);
  const telling = named.filter((word) => word !== "score");
  return telling.length === 0 ? named : telling;
}

function longForm(word: string): string {
  return Object.hasOwn(SHORT, word) ? (SHORT[word] ?? word) : word;
}

function isOfTraining(said: readonly string[]): boolean {
  return said.some((word) => TRAINING.has(word));
}

function wordsOf(text: string): string[] {
  return splitWords(text)
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}

/** `trainAccuracy` and `train_accuracy` are two words; `mAP` is one. */
function splitWords(text: string): string {
  return text.replaceAll("_", " ").replaceAll(/(?<=[a-z]{2})(?=[A-Z])/g, " ");
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
