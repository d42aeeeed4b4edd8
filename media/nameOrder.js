// The order of names with numbers in them, for the page and, since nothing here knows it, for node's tests.
const { compare: compareLetters } = new Intl.Collator("en", { numeric: true });
const NUMBER = /(\d+(?:\.\d+)?(?:e[+-]?\d+)?)/i;

/** The order of metrics: `layers.1.9` before `layers.1.10`, whose numbers are no decimals. */
export const compareTags = compareLetters;

/** The order of runs and of values: `layer2` before `layer10`, and `lr1e-4` before `lr0.003` before `lr0.1`, which a collator takes for 1, 3 and 1. */
export function compareNames(a, b) {
  const [left, right] = [a.split(NUMBER), b.split(NUMBER)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    // What was split by stands at the odd places.
    const order = at % 2 === 1 ? compareNumbers(left[at], right[at]) : compareLetters(left[at], right[at]);
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length || compareLetters(a, b);
}

function compareNumbers(a, b) {
  const [left, right] = [Number(a), Number(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Rows by one of their columns, `{ key, isDescending }`. */
export function byColumn({ key, isDescending }) {
  const sign = isDescending ? -1 : 1;
  return (a, b) => {
    const [left, right] = [a[key], b[key]];
    if (typeof left === "string") {
      return sign * compareNames(left, right);
    }
    // What is no number stands last whichever way it is sorted.
    return Number.isNaN(left) || Number.isNaN(right) ? Number.isNaN(left) - Number.isNaN(right) : sign * (left - right);
  };
}
