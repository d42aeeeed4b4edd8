import type { TextPosition } from "../../src/core/base/problems.ts";
import type { Fix } from "../../src/core/metaflow/lint/finding.ts";

/** The text after a fix, for whoever has no editor. */
export function applyFix(text: string, { edits }: Fix): string {
  const starts = lineStarts(text);
  const offset = ({ line, column }: TextPosition) => Math.min((starts[line] ?? text.length) + column, text.length);
  const ordered = edits
    .map((edit) => ({ from: offset(edit.range.start), to: offset(edit.range.end), text: edit.text }))
    .toSorted((a, b) => b.from - a.from);
  let result = text;
  for (const { from, to, text: replacement } of ordered) {
    result = result.slice(0, from) + replacement + result.slice(to);
  }
  return result;
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((match) => match.index + match[0].length)];
}
