/* When a metric counts as at least as good as its baseline, and when a number may be a baseline at all. */

export type MetricDirection = "min" | "max";

/** Whether a result meets or exceeds its baseline. */
export function meetsBaseline(value: number, baseline: number, direction: MetricDirection): boolean {
  return direction === "min" ? value <= baseline : value >= baseline;
}

const NUMBER = /(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?\s*%?/gi;

/**
 * Whether a number was agreed to as a baseline: it stands in a line of the person's answers or of an earlier document that
 * speaks of the metric or of a baseline. Who is measured could otherwise choose the mark to be measured against.
 */
export function isAgreedBaseline(
  baseline: number,
  metric: string,
  agreed: { answers: readonly string[]; documents: readonly string[] },
): boolean {
  const names = wordsOf(metric).filter((word) => !SETS.has(word));
  const speaksOfIt = (line: string) =>
    /baseline/i.test(line) ||
    wordsOf(line).some((word) => names.some((name) => word.startsWith(name) || name.startsWith(word)));
  const lines = [...agreed.answers, ...agreed.documents].flatMap((text) => text.split("\n"));
  return lines.filter(speaksOfIt).some((line) => numbersIn(line).includes(baseline));
}

/** They say on which part of the data a metric was measured, and not which metric it is. */
const SETS = new Set("train val valid validation eval dev test best final last mean".split(" "));

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word.length > 1);
}

/** `97 %` is 0.97 and 97. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(NUMBER)].flatMap(([found]) => {
    const value = Number.parseFloat(found);
    return found.endsWith("%") ? [value, Number((value / 100).toPrecision(12))] : [value];
  });
}
