import { readDelimited } from "./delimitedText.ts";

/** What the cells of one column of a table are like. */
export type ColumnProfile = {
  name: string;
  kind: "empty" | "integer" | "number" | "text";
  /** Cells without a value. */
  missing: number;
  /** Of numbers: the smallest, the largest, and how many lie far out. */
  range?: { least: number; most: number; outliers: number };
  /** Each value and how often it is there, the most common first; absent where there are many. */
  values?: readonly (readonly [value: string, count: number])[];
};

export type TableProfile = {
  rows: number;
  columns: readonly ColumnProfile[];
  /** Pairs of columns that nearly say the same. */
  related: readonly { first: string; second: string; correlation: number }[];
};

/** More columns are a matrix, of which nobody reads a list. */
const MAX_COLUMNS = 200;

/** Columns with at most so many values are classes, flags or groups. */
const FEW_VALUES = 10;

/** As far from the middle half of the values as three times its width: Tukey's "far out". */
const FAR_OUT = 3;

const NEARLY_THE_SAME = 0.95;

/** All pairs of more columns would take long. */
const MAX_COMPARED = 30;

const MISSING = /^(?:|na|n\/a|nan|null|none)$/i;
const INTEGER = /^[+-]?\d{1,15}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads a table whose first row names its columns; undefined for a text that is none. `isCut`: its last row may lack its end. */
export function profileTable(text: string, { isCut }: { isCut: boolean }): TableProfile | undefined {
  const [names, ...all] = readDelimited(text);
  const rows = isCut ? all.slice(0, -1) : all;
  if (names === undefined || names.length < 2 || names.length > MAX_COLUMNS || names.some(isValue)) {
    return undefined;
  }
  const cells = names.map((_name, index) => rows.map((row) => row[index]?.trim() ?? ""));
  const columns = names.map((name, index) => profileColumn(name.trim(), cells[index] ?? []));
  return { rows: rows.length, columns, related: relatedColumns(columns, cells) };
}

/** A first row with a number in it is no row of names. */
function isValue(name: string): boolean {
  return NUMBER.test(name.trim());
}

function profileColumn(name: string, cells: readonly string[]): ColumnProfile {
  const present = cells.filter((cell) => !MISSING.test(cell));
  const kind =
    present.length === 0
      ? "empty"
      : present.every((cell) => INTEGER.test(cell))
        ? "integer"
        : present.every((cell) => NUMBER.test(cell))
          ? "number"
          : "text";
  const counts = countValues(present);
  return {
    name,
    kind,
    missing: cells.length - present.length,
    ...(kind === "integer" || kind === "number" ? { range: rangeOf(present.map(Number)) } : {}),
    ...(counts === undefined ? {} : { values: counts }),
  };
}

function countValues(cells: readonly string[]): readonly (readonly [string, number])[] | undefined {
  const counts = new Map<string, number>();
  for (const cell of cells) {
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
    if (counts.size > FEW_VALUES) {
      return undefined;
    }
  }
  return counts.size === 0 ? undefined : [...counts].toSorted((a, b) => b[1] - a[1]);
}

function rangeOf(numbers: readonly number[]): { least: number; most: number; outliers: number } {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.25), at(0.75)];
  const reach = FAR_OUT * (high - low);
  // Where the middle half is one value, every other value would be far out.
  const outliers = reach === 0 ? 0 : sorted.filter((value) => value < low - reach || value > high + reach).length;
  return { least: at(0), most: at(1), outliers };
}

function relatedColumns(
  columns: readonly ColumnProfile[],
  cells: readonly (readonly string[])[],
): TableProfile["related"] {
  const numeric = columns.flatMap(({ name, range, missing }, index) =>
    range !== undefined && missing === 0 && range.least < range.most
      ? [{ name, numbers: (cells[index] ?? []).map(Number) }]
      : [],
  );
  const compared = numeric.slice(0, MAX_COMPARED);
  return compared.flatMap((first, index) =>
    compared.slice(index + 1).flatMap((second) => {
      const correlation = pearson(first.numbers, second.numbers);
      return Math.abs(correlation) >= NEARLY_THE_SAME ? [{ first: first.name, second: second.name, correlation }] : [];
    }),
  );
}

function pearson(first: readonly number[], second: readonly number[]): number {
  const [meanOfFirst, meanOfSecond] = [meanOf(first), meanOf(second)];
  let [both, ofFirst, ofSecond] = [0, 0, 0];
  for (const [index, value] of first.entries()) {
    const [a, b] = [value - meanOfFirst, (second[index] ?? 0) - meanOfSecond];
    both += a * b;
    ofFirst += a * a;
    ofSecond += b * b;
  }
  return both / Math.sqrt(ofFirst * ofSecond);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
