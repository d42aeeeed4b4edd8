import type { TextPosition, TextRange } from "./problems.ts";

export function rangeBetween(text: string, start: number, end: number): TextRange {
  return rangesIn(text)(start, end);
}

/** Gives ranges of one text, whose lines are counted once for all of them; offsets outside it give its nearest end. */
export function rangesIn(text: string): (start: number, end: number) => TextRange {
  let starts: number[] | undefined;
  const positionAt = (offset: number): TextPosition => {
    starts ??= lineStarts(text);
    const end = Math.max(0, Math.min(offset, text.length));
    const line = lastAtMost(starts, end);
    return { line, column: end - (starts[line] ?? 0) };
  };
  return (start, end) => ({ start: positionAt(start), end: positionAt(Math.max(start, end)) });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** The index of the last number that is not greater; the numbers rise and begin with 0. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
