/** Unchanged lines that are shown around a change. */
const CONTEXT_LINES = 3;

/**
 * What changes between two texts as the lines of a diff: the lines that both begin and end with are left out but for a
 * few, and everything between is shown as removed and added.
 */
export function describeReplacement(before: string, after: string): string {
  const old = linesOf(before);
  const now = linesOf(after);
  const same = Math.min(old.length, now.length);
  let start = 0;
  while (start < same && old[start] === now[start]) {
    start += 1;
  }
  let end = 0;
  while (end < same - start && old.at(-1 - end) === now.at(-1 - end)) {
    end += 1;
  }
  return [
    ...marked(" ", old.slice(Math.max(0, start - CONTEXT_LINES), start)),
    ...marked("-", old.slice(start, old.length - end)),
    ...marked("+", now.slice(start, now.length - end)),
    ...marked(" ", now.slice(now.length - end, now.length - end + CONTEXT_LINES)),
  ].join("\n");
}

function marked(mark: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${mark}${line}`);
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
