import type { TextEdit, TextPosition } from "../../base/problems.ts";

/** The text after edits that do not overlap. Lines end as editors count them: at `\n`, `\r\n` and a lone `\r`. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map(({ index, 0: end }) => index + end.length)];
  const offsetOf = ({ line, column }: TextPosition) => Math.min((starts[line] ?? text.length) + column, text.length);
  const ordered = edits
    .map(({ range, text: inserted }) => ({ from: offsetOf(range.start), to: offsetOf(range.end), inserted }))
    .toSorted((a, b) => b.from - a.from);
  return ordered.reduce((all, { from, to, inserted }) => all.slice(0, from) + inserted + all.slice(to), text);
}
