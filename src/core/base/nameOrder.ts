const { compare: compareLetters } = new Intl.Collator("en", { numeric: true });
const NUMBER = /(\d+(?:\.\d+)?(?:e[+-]?\d+)?)/i;

/** The order of names with numbers in them: `run_2` before `run_10`, and `lr1e-4` before `lr0.003` before `lr0.1`. The page of curves has the same. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [a.split(NUMBER), b.split(NUMBER)];
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) {
      break;
    }
    // What was split by stands at the odd places; two numbers beyond all have no difference.
    const order = at % 2 === 1 ? Number(part) - Number(other) || 0 : compareLetters(part, other);
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length || compareLetters(a, b);
}
