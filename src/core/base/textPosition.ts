import type { TextPosition, TextRange } from "./problems.ts";

/** The line and column of an offset; offsets outside the text give its nearest end. */
function positionAt(text: string, offset: number): TextPosition {
  const end = Math.max(0, Math.min(offset, text.length));
  let line = 0;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: end - lineStart };
}

export function rangeBetween(text: string, start: number, end: number): TextRange {
  return { start: positionAt(text, start), end: positionAt(text, Math.max(start, end)) };
}
