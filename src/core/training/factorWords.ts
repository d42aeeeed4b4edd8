/** A multiple of a value that a person speaks of, without saying the value. */
export type Factor = { factor: number; length: number };

const SPOKEN: Readonly<Record<string, number>> = { half: 0.5, double: 2, twice: 2, triple: 3, tenfold: 10 };
/** Between the factor and the name: "twice as many epochs", "a tenth of the current learning rate". */
const BETWEEN = /^(?:of|the|my|its|as|many|much|large|big|a|current|default|usual|same|previous|old)$/;

/** Finds "half the", "twice as many" or "10x the" at a word. */
export function findFactorAt(bare: readonly string[], at: number): Factor | undefined {
  const word = (bare[at] ?? "").toLowerCase();
  const times = /^(\d+(?:\.\d+)?)(?:x|×|-fold)$/.exec(word)?.[1];
  const factor = times === undefined ? (Object.hasOwn(SPOKEN, word) ? SPOKEN[word] : undefined) : Number(times);
  if (factor === undefined) {
    return undefined;
  }
  let length = 1;
  while (BETWEEN.test((bare[at + length] ?? "").toLowerCase())) {
    length++;
  }
  return { factor, length };
}

/** A multiple of a number as a person would write it; undefined where it is none, or no whole one where that is wanted. */
export function multiply(written: string, factor: number, isWhole: boolean): string | undefined {
  const product = Number((Number(written.replaceAll("_", "")) * factor).toPrecision(12));
  return !Number.isFinite(product) || (isWhole && !Number.isInteger(product)) ? undefined : String(product);
}
