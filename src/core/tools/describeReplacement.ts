/** Unchanged lines that are shown around a change. */
const CONTEXT_LINES = 3;

/** Comparing each line with each takes time and memory for the product: ten milliseconds here. A thousand changed lines are a new text. */
const MAX_COMPARISONS = 1_000_000;

type Line = { mark: " " | "-" | "+"; text: string };

/**
 * What changes between two texts as the lines of a diff, with a few unchanged lines around each change and `…` for those
 * between.
 */
export function describeReplacement(before: string, after: string): string {
  const lines = compareLines(linesOf(before), linesOf(after));
  const changes = lines.flatMap(({ mark }, at) => (mark === " " ? [] : [at]));
  if (changes.length === 0) {
    return lines.slice(-CONTEXT_LINES).map(written).join("\n");
  }
  const shown = [...new Set(changes.flatMap((at) => around(at, lines.length)))];
  const gaps = new Set(shown.filter((at, index) => index > 0 && at !== (shown[index - 1] ?? 0) + 1));
  return shown.flatMap((at) => [...(gaps.has(at) ? ["…"] : []), ...lines.slice(at, at + 1).map(written)]).join("\n");
}

function around(at: number, count: number): number[] {
  const first = Math.max(0, at - CONTEXT_LINES);
  const last = Math.min(count - 1, at + CONTEXT_LINES);
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

/** Every line of both texts, each once: those that stay, go and come. */
function compareLines(old: readonly string[], now: readonly string[]): Line[] {
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
    ...marked(" ", old.slice(0, start)),
    ...compareMiddle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...marked(" ", old.slice(old.length - end)),
  ];
}

function compareMiddle(old: readonly string[], now: readonly string[]): Line[] {
  if (old.length * now.length > MAX_COMPARISONS) {
    return [...marked("-", old), ...marked("+", now)];
  }
  const common = commonLengths(old, now);
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < old.length || j < now.length; ) {
    const [gone = "", come = ""] = [old[i], now[j]];
    if (i < old.length && j < now.length && gone === come) {
      lines.push({ mark: " ", text: gone });
      [i, j] = [i + 1, j + 1];
    } else if (j >= now.length || (i < old.length && common(i + 1, j) >= common(i, j + 1))) {
      lines.push({ mark: "-", text: gone });
      i += 1;
    } else {
      lines.push({ mark: "+", text: come });
      j += 1;
    }
  }
  return lines;
}

/** How many lines two texts have in common, in order, from a line of each to their ends. */
function commonLengths(old: readonly string[], now: readonly string[]): (i: number, j: number) => number {
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        old[i] === now[j]
          ? (lengths[at + width + 1] ?? 0) + 1
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  return (i, j) => lengths[i * width + j] ?? 0;
}

function marked(mark: Line["mark"], lines: readonly string[]): Line[] {
  return lines.map((text) => ({ mark, text }));
}

function written({ mark, text }: Line): string {
  return `${mark}${text}`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
